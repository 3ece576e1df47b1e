"""Embeds the distinct values of a column with Spark: spark-submit spark-pipe.py SOURCE COLUMN MODEL OUT"""
import json
import shlex
import sys

from pyspark.sql import SparkSession

source, column, model, out = sys.argv[1:]
spark = SparkSession.builder.appName("larr-embed").getOrCreate()
command = shlex.join(
    ["larr", "embed", "--source", "-", "--out", "-", "--column", column, "--model", model,
     "--template", "the weather is {value}", "--precision", "float32", "--bad", "count", "--threads", "4"])

# A line is a value, so a value that contains a line end cannot be piped.
values = spark.read.parquet(source).select(column).where(f"{column} is not null and not {column} rlike '[\\\\r\\\\n]'").distinct()
answers = values.repartition(64).rdd.map(lambda row: str(row[0])).pipe(command, checkCode=True).map(json.loads)
vectors = answers.filter(lambda a: "vector" in a).map(lambda a: (a["value"], a["hash"], a["vector"]))
vectors.toDF("value string, hash string, vector array<float>").write.parquet(out)

using System.Text.Json.Serialization;

namespace Larr.Index.Qdrant;

// Requests and answers of Qdrant's REST interface, as far as they are used, by the names of its API description.

sealed record Reply<T>(T? Result);

sealed record CreateCollection(VectorParams Vectors, QuantizationConfig? QuantizationConfig, CollectionMetadata Metadata);

sealed record VectorParams(int Size, string Distance);

sealed record QuantizationConfig(ScalarQuantization Scalar);

sealed record ScalarQuantization(string Type, float Quantile);

/// <summary>The identity of a collection's vectors, kept in the collection's own metadata.</summary>
sealed record CollectionMetadata(string? Model, string? Tokenizer, string? Template, string? Pooling, int Dimension);

sealed record CollectionInfo(string Status, CollectionConfig Config);

sealed record CollectionConfig(CollectionMetadata? Metadata);

sealed record CreateFieldIndex(string FieldName, string FieldSchema);

sealed record PointsList(PointStruct[] Points);

sealed record PointStruct(Guid Id, float[] Vector, Payload Payload);

/// <summary>What is stored with a vector; null where it was not asked for.</summary>
sealed record Payload(string? Field, string? Value, string? Text, long Popularity, string? Hash);

sealed record UpdateResult(string Status);

sealed record ScrollRequest(Guid? Offset, int Limit, string[] WithPayload, bool WithVector);

sealed record ScrollResult(Record[] Points, Guid? NextPageOffset);

sealed record PointRequest(Guid[] Ids, bool WithPayload, bool WithVector);

sealed record Record(Guid Id, Payload? Payload, float[]? Vector);

sealed record CountRequest(bool Exact);

sealed record CountResult(long Count);

sealed record QueryRequest(float[] Query, int Limit, Filter? Filter, SearchParams Params, bool WithPayload);

sealed record Filter(FieldCondition[] Must);

/// <summary>A condition on a payload field: a match, or a range.</summary>
sealed record FieldCondition(string Key, Match? Match, Range? Range);

/// <summary>One value, or any of several.</summary>
sealed record Match(string? Value, string[]? Any);

sealed record Range(double Gte);

sealed record SearchParams(bool Exact);

sealed record QueryResponse(ScoredPoint[] Points);

sealed record ScoredPoint(Guid Id, float Score, Payload? Payload);

sealed record ChangeAliases(AliasOperation[] Actions);

sealed record AliasOperation(CreateAlias? CreateAlias, DeleteAlias? DeleteAlias);

sealed record CreateAlias(string CollectionName, string AliasName);

sealed record DeleteAlias(string AliasName);

sealed record Aliases([property: JsonPropertyName("aliases")] AliasDescription[] All);

sealed record AliasDescription(string AliasName, string CollectionName);

sealed record Collections([property: JsonPropertyName("collections")] CollectionDescription[] All);

sealed record CollectionDescription(string Name);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CreateCollection))]
[JsonSerializable(typeof(CreateFieldIndex))]
[JsonSerializable(typeof(PointsList))]
[JsonSerializable(typeof(ScrollRequest))]
[JsonSerializable(typeof(PointRequest))]
[JsonSerializable(typeof(CountRequest))]
[JsonSerializable(typeof(QueryRequest))]
[JsonSerializable(typeof(ChangeAliases))]
[JsonSerializable(typeof(Reply<bool?>), TypeInfoPropertyName = "Done")]
[JsonSerializable(typeof(Reply<CollectionInfo>), TypeInfoPropertyName = "Info")]
[JsonSerializable(typeof(Reply<UpdateResult>), TypeInfoPropertyName = "Updated")]
[JsonSerializable(typeof(Reply<ScrollResult>), TypeInfoPropertyName = "Scrolled")]
[JsonSerializable(typeof(Reply<Record[]>), TypeInfoPropertyName = "Retrieved")]
[JsonSerializable(typeof(Reply<CountResult>), TypeInfoPropertyName = "Counted")]
[JsonSerializable(typeof(Reply<QueryResponse>), TypeInfoPropertyName = "Queried")]
[JsonSerializable(typeof(Reply<Aliases>), TypeInfoPropertyName = "AliasList")]
[JsonSerializable(typeof(Reply<Collections>), TypeInfoPropertyName = "CollectionList")]
sealed partial class QdrantJson : JsonSerializerContext;

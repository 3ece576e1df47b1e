using Larr.Model;

namespace Larr.Tests.Model;

/// <summary>The decoder once more in plain loops over doubles, straight from the papers' formulas.</summary>
sealed class PlainDecoder(Decoder decoder)
{
    readonly DecoderConfig c = decoder.Config;
    readonly Dictionary<string, double[]> w = decoder.state_dict().ToDictionary(e => e.Key, e => e.Value.data<float>().ToArray().Select(v => (double)v).ToArray());

    public double[][] Logits(int[] ids)
    {
        double[][] x = [.. ids.Select(id => w["embed.weight"][(id * c.Width)..((id + 1) * c.Width)])];
        for (int l = 0; l < c.Layers; l++)
        {
            string p = $"layers.{l}.";
            double[][] a = Attend([.. x.Select(r => Norm(r, w[p + "attentionNorm.weight"]))], p + "attention.");
            x = [.. x.Zip(a, Add)];
            x = [.. x.Select(r => Add(r, FeedForward(Norm(r, w[p + "feedForwardNorm.weight"]), p + "feedForward.")))];
        }
        double[] head = w[c.TiedHead ? "embed.weight" : "head.weight"];
        return [.. x.Select(r => Map(head, Norm(r, w["norm.weight"])))];
    }

    double[][] Attend(double[][] x, string p)
    {
        int d = c.HeadWidth, q = c.Heads * d, kv = c.KeyValueHeads * d;
        double[][] all = [.. x.Select(r => w.TryGetValue(p + "qkv.bias", out double[]? bias) ? Add(Map(w[p + "qkv.weight"], r), bias) : Map(w[p + "qkv.weight"], r))];
        var result = new double[x.Length][];
        for (int t = 0; t < x.Length; t++)
        {
            var heads = new double[q];
            for (int h = 0; h < c.Heads; h++)
            {
                int shared = h / (c.Heads / c.KeyValueHeads);
                double[] query = Turn(Head(all[t], h * d, p + "queryNorm.weight"), t);
                double[] score = [.. Enumerable.Range(0, t + 1).Select(s => Dot(query, Turn(Head(all[s], q + shared * d, p + "keyNorm.weight"), s)) / Math.Sqrt(d))];
                double max = score.Max(), sum = score.Sum(s => Math.Exp(s - max));
                for (int s = 0; s <= t; s++)
                    for (int i = 0; i < d; i++) heads[h * d + i] += Math.Exp(score[s] - max) / sum * all[s][q + kv + shared * d + i];
            }
            result[t] = Map(w[p + "output.weight"], heads);
        }
        return result;
    }

    double[] Head(double[] row, int begin, string norm)
    {
        double[] head = row[begin..(begin + c.HeadWidth)];
        return c.QueryKeyNorm ? Norm(head, w[norm]) : head;
    }

    double[] Turn(double[] v, int position)
    {
        var y = new double[v.Length];
        int half = v.Length / 2;
        for (int i = 0; i < half; i++)
        {
            double angle = position * Math.Pow(c.RopeTheta, -2.0 * i / v.Length);
            y[i] = v[i] * Math.Cos(angle) - v[i + half] * Math.Sin(angle);
            y[i + half] = v[i + half] * Math.Cos(angle) + v[i] * Math.Sin(angle);
        }
        return y;
    }

    double[] FeedForward(double[] x, string p)
    {
        double[] both = Map(w[p + "gateUp.weight"], x);
        int n = both.Length / 2;
        return Map(w[p + "down.weight"], [.. Enumerable.Range(0, n).Select(i => both[i] / (1 + Math.Exp(-both[i])) * both[n + i])]);
    }

    double[] Norm(double[] x, double[] weight)
    {
        double scale = 1 / Math.Sqrt(x.Sum(v => v * v) / x.Length + c.NormEpsilon);
        return [.. x.Zip(weight, (v, g) => v * scale * g)];
    }

    static double[] Map(double[] matrix, double[] x) =>
        [.. Enumerable.Range(0, matrix.Length / x.Length).Select(o => Dot(matrix.AsSpan(o * x.Length, x.Length).ToArray(), x))];

    static double Dot(double[] a, double[] b) => a.Zip(b, (u, v) => u * v).Sum();

    static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (u, v) => u + v)];
}

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
            double[][] a = Attend([.. x.Select(r => Norm(r, w[p + "attentionNorm.weight"]))], p + "attention.", l >= c.WindowFrom ? c.Window ?? int.MaxValue : int.MaxValue);
            x = [.. x.Zip(a, Add)];
            x = [.. x.Select(r => Add(r, FeedForward(Norm(r, w[p + "feedForwardNorm.weight"]), p + "feedForward.")))];
        }
        double[] head = w[c.TiedHead ? "embed.weight" : "head.weight"];
        return [.. x.Select(r => Map(head, Norm(r, w["norm.weight"])))];
    }

    double[][] Attend(double[][] x, string p, int window)
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
                int first = Math.Max(0, t - window + 1);
                double[] query = Turn(Head(all[t], h * d, p + "queryNorm.weight"), t, x.Length);
                double[] score = [.. Enumerable.Range(first, t + 1 - first).Select(s => Dot(query, Turn(Head(all[s], q + shared * d, p + "keyNorm.weight"), s, x.Length)) / Math.Sqrt(d))];
                double max = score.Max(), sum = score.Sum(s => Math.Exp(s - max));
                for (int s = first; s <= t; s++)
                    for (int i = 0; i < d; i++) heads[h * d + i] += Math.Exp(score[s - first] - max) / sum * all[s][q + kv + shared * d + i];
            }
            result[t] = Map(w[p + "output.weight"], heads);
            if (w.TryGetValue(p + "output.bias", out double[]? outputBias)) result[t] = Add(result[t], outputBias);
        }
        return result;
    }

    double[] Head(double[] row, int begin, string norm)
    {
        double[] head = row[begin..(begin + c.HeadWidth)];
        return c.QueryKeyNorm ? Norm(head, w[norm]) : head;
    }

    double[] Turn(double[] v, int position, int length)
    {
        var y = new double[v.Length];
        int half = v.Length / 2;
        for (int i = 0; i < half; i++)
        {
            (double frequency, double magnitude) = PlainRope.Of(c, i, length);
            double cos = Math.Cos(position * frequency) * magnitude, sin = Math.Sin(position * frequency) * magnitude;
            y[i] = v[i] * cos - v[i + half] * sin;
            y[i + half] = v[i + half] * cos + v[i] * sin;
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

    static double[] Map(double[] matrix, double[] x)
    {
        var y = new double[matrix.Length / x.Length];
        for (int o = 0; o < y.Length; o++)
            for (int i = 0; i < x.Length; i++) y[o] += matrix[o * x.Length + i] * x[i];
        return y;
    }

    static double Dot(double[] a, double[] b) => a.Zip(b, (u, v) => u * v).Sum();

    static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (u, v) => u + v)];
}

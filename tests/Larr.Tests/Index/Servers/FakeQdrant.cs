using System.Net;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Json.Nodes;

namespace Larr.Tests.Index.Servers;

/// <summary>A fault to inject into one request.</summary>
enum Fault { None, TooMany, ServerError, ErrorAfterwards, PartialBatch, NeverAnswers, CutBefore, CutInAnswer }

/// <summary>
/// A Qdrant server in memory behind an <see cref="HttpMessageHandler"/>: collections, points, aliases, as far as a refresh uses them. Faults are injected by
/// <see cref="Next"/>. Every exchange is kept in <see cref="Seen"/>.
/// </summary>
sealed class FakeQdrant : HttpMessageHandler
{
    readonly Lock _lock = new();

    public sealed class Collection(JsonNode created)
    {
        public JsonNode Created { get; } = created;
        public SortedDictionary<string, JsonNode> Points { get; } = new(StringComparer.Ordinal);
        public JsonObject Indexed { get; } = [];
        public int Asked { get; set; }
    }

    public Dictionary<string, Collection> Collections { get; } = [];
    public Dictionary<string, string> Aliases { get; } = [];
    public List<(string Method, string Path, string Query, string? Body, string? Answer)> Seen { get; } = [];

    /// <summary>The fault of a request, by its number from 0.</summary>
    public Func<int, Fault> Next { get; set; } = _ => Fault.None;

    public string? Key { get; init; }
    public int Requests { get; private set; }
    public Action<FakeQdrant> AfterEach { get; set; } = _ => { };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string? body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Fault fault;
        (HttpStatusCode Status, JsonNode? Result, string? Error) done;
        lock (_lock)
        {
            fault = Next(Requests++);
            string? key = request.Headers.TryGetValues("api-key", out IEnumerable<string>? keys) ? keys.Single() : null;
            done = key != Key ? (HttpStatusCode.Unauthorized, null, "Must provide an API key") : fault switch
            {
                Fault.TooMany => (HttpStatusCode.TooManyRequests, null, "Too many requests"),
                Fault.ServerError => (HttpStatusCode.InternalServerError, null, "Service internal error"),
                Fault.NeverAnswers or Fault.CutBefore => (0, null, null),
                _ => Do(request.Method.Method, request.RequestUri!, body, half: fault == Fault.PartialBatch),
            };
            AfterEach(this);
        }
        if (fault == Fault.NeverAnswers) await Task.Delay(Timeout.Infinite, cancellationToken);
        if (fault == Fault.CutBefore) throw new HttpRequestException("connection reset");
        if (fault is Fault.ErrorAfterwards or Fault.PartialBatch) done = (HttpStatusCode.InternalServerError, null, "lost");
        var answer = new JsonObject { ["time"] = 0.001, ["status"] = done.Error is null ? "ok" : new JsonObject { ["error"] = done.Error } };
        if (done.Error is null) answer["result"] = done.Result;
        string text = answer.ToJsonString();
        lock (_lock) Seen.Add((request.Method.Method, request.RequestUri!.AbsolutePath, request.RequestUri.Query, body, done.Error is null ? text : null));
        HttpContent content = fault == Fault.CutInAnswer ? new CutContent() : new StringContent(text, Encoding.UTF8, "application/json");
        return new HttpResponseMessage(done.Status) { Content = content, RequestMessage = request };
    }

    (HttpStatusCode, JsonNode?, string?) Do(string method, Uri uri, string? text, bool half)
    {
        JsonNode? body = text is null ? null : JsonNode.Parse(text);
        string[] path = uri.AbsolutePath.Trim('/').Split('/');
        if (path is ["aliases"])
            return Ok(new JsonObject { ["aliases"] = new JsonArray([.. Aliases.Select(a => new JsonObject { ["alias_name"] = a.Key, ["collection_name"] = a.Value })]) });
        if (path is ["collections"])
            return Ok(new JsonObject { ["collections"] = new JsonArray([.. Collections.Keys.Select(n => new JsonObject { ["name"] = n })]) });
        if (path is ["collections", "aliases"]) return Change(body!["actions"]!.AsArray());
        string name = path[1];
        if (path.Length == 2 && method == "PUT")
            return Collections.TryAdd(name, new Collection(body!)) ? Ok(true) : (HttpStatusCode.Conflict, null, $"Collection `{name}` already exists!");
        if (path.Length == 2 && method == "DELETE")
        {
            foreach (string alias in Aliases.Where(a => a.Value == name).Select(a => a.Key).ToArray()) Aliases.Remove(alias);
            return Ok(Collections.Remove(name));
        }
        if (!Collections.TryGetValue(name, out Collection? collection)) return (HttpStatusCode.NotFound, null, $"Collection `{name}` doesn't exist!");
        return (method, string.Join('/', path[2..])) switch
        {
            ("GET", "") => Ok(Info(collection)),
            ("PUT", "index") => Index(collection, body!),
            ("PUT", "points") => Upsert(collection, body!["points"]!.AsArray(), half),
            ("POST", "points") => Ok(new JsonArray([.. body!["ids"]!.AsArray().Select(i => (string)i!).Where(collection.Points.ContainsKey).Select(i => Shown(collection.Points[i], body))])),
            ("POST", "points/scroll") => Scroll(collection, body!),
            ("POST", "points/count") => Ok(new JsonObject { ["count"] = collection.Points.Count }),
            ("POST", "points/query") => Query(collection, body!),
            _ => (HttpStatusCode.NotFound, null, "no such path"),
        };
    }

    /// <summary>All actions, or none where one is wrong.</summary>
    (HttpStatusCode, JsonNode?, string?) Change(JsonArray actions)
    {
        string[] targets = [.. actions.Select(a => (string?)a!["create_alias"]?["collection_name"]).OfType<string>()];
        if (Array.Find(targets, t => !Collections.ContainsKey(t)) is { } missing) return (HttpStatusCode.NotFound, null, $"Collection `{missing}` doesn't exist!");
        foreach (JsonNode? action in actions)
        {
            if (action!["delete_alias"] is { } delete) Aliases.Remove((string)delete["alias_name"]!);
            if (action["create_alias"] is { } create) Aliases[(string)create["alias_name"]!] = (string)create["collection_name"]!;
        }
        return Ok(true);
    }

    static (HttpStatusCode, JsonNode?, string?) Index(Collection collection, JsonNode body)
    {
        collection.Indexed[(string)body["field_name"]!] = new JsonObject { ["data_type"] = body["field_schema"]!.DeepClone(), ["points"] = 0 };
        return Ok(Update());
    }

    static (HttpStatusCode, JsonNode?, string?) Upsert(Collection collection, JsonArray points, bool half)
    {
        foreach (JsonNode? point in points.Take(half ? points.Count / 2 : points.Count)) collection.Points[(string)point!["id"]!] = point.DeepClone();
        return Ok(Update());
    }

    static (HttpStatusCode, JsonNode?, string?) Scroll(Collection collection, JsonNode body)
    {
        string from = (string?)body["offset"] ?? "";
        int limit = (int)body["limit"]!;
        KeyValuePair<string, JsonNode>[] rest = [.. collection.Points.Where(p => string.CompareOrdinal(p.Key, from) >= 0).Take(limit + 1)];
        return Ok(new JsonObject { ["points"] = new JsonArray([.. rest.Take(limit).Select(p => Shown(p.Value, body))]), ["next_page_offset"] = rest.Length > limit ? rest[limit].Key : null });
    }

    static (HttpStatusCode, JsonNode?, string?) Query(Collection collection, JsonNode body)
    {
        float[] query = Floats(body["query"]!);
        JsonArray must = body["filter"]?["must"]?.AsArray() ?? [];
        var scored = collection.Points.Values.Where(p => must.All(m => Passes(p["payload"]![(string)m!["key"]!]!, m)))
            .Select(p => (Point: p, Score: TensorPrimitives.CosineSimilarity(query, Floats(p["vector"]!)))).OrderByDescending(s => s.Score).Take((int)body["limit"]!);
        return Ok(new JsonObject { ["points"] = new JsonArray([.. scored.Select(s => new JsonObject { ["id"] = (string)s.Point["id"]!, ["version"] = 1, ["score"] = s.Score, ["payload"] = s.Point["payload"]!.DeepClone() })]) });
    }

    static bool Passes(JsonNode value, JsonNode condition) =>
        condition["range"] is { } range ? (double)value >= (double)range["gte"]!
        : condition["match"]!["any"] is JsonArray any ? any.Any(a => (string)a! == (string)value!)
        : (string)condition["match"]!["value"]! == (string)value!;

    /// <summary>Yellow the first time it is asked, green from then on.</summary>
    static JsonObject Info(Collection collection) => new()
    {
        ["status"] = collection.Asked++ == 0 ? "yellow" : "green",
        ["optimizer_status"] = "ok",
        ["points_count"] = collection.Points.Count,
        ["segments_count"] = 1,
        ["payload_schema"] = collection.Indexed.DeepClone(),
        ["config"] = new JsonObject
        {
            ["params"] = new JsonObject { ["vectors"] = collection.Created["vectors"]!.DeepClone() },
            ["hnsw_config"] = new JsonObject { ["m"] = 16, ["ef_construct"] = 100, ["full_scan_threshold"] = 10000 },
            ["optimizer_config"] = new JsonObject { ["deleted_threshold"] = 0.2, ["vacuum_min_vector_number"] = 1000, ["default_segment_number"] = 0, ["flush_interval_sec"] = 5 },
            ["metadata"] = collection.Created["metadata"]?.DeepClone(),
        },
    };

    static JsonObject Shown(JsonNode point, JsonNode request)
    {
        var shown = new JsonObject { ["id"] = (string)point["id"]! };
        if (request["with_payload"] is JsonArray names) shown["payload"] = new JsonObject(names.Select(n => KeyValuePair.Create((string)n!, point["payload"]![(string)n!]?.DeepClone())));
        if ((bool?)request["with_vector"] == true) shown["vector"] = point["vector"]!.DeepClone();
        return shown;
    }

    public static float[] Floats(JsonNode array) => [.. array.AsArray().Select(x => (float)x!)];

    static JsonObject Update() => new() { ["operation_id"] = 0, ["status"] = "completed" };

    static (HttpStatusCode, JsonNode?, string?) Ok(JsonNode result) => (HttpStatusCode.OK, result, null);

    /// <summary>An answer whose connection is cut in the middle.</summary>
    sealed class CutContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{\"resu"u8.ToArray());
            throw new IOException("connection reset");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1000;
            return true;
        }
    }
}

namespace Larr.Adapt;
/// <summary>stub</summary>
public static class AdaptStage { 
/// <summary>stub</summary>
public const int Version = 3;
/// <summary>stub</summary>
public static void Run(AdaptConfig config, Larr.Data.ImpressionTable table, string ctrFolder, Larr.Align.SceneVectors? vectors, Larr.Runs.StageContext context) => throw new NotImplementedException(); }

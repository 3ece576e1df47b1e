using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Larr.Tests.Index.Servers;

/// <summary>A PostgreSQL with pgvector, started from the packages that <c>scripts/pglite</c> fetches; it ends with the tests.</summary>
public sealed class PGlite : IAsyncLifetime
{
    Process? _process;

    /// <summary>Why there is none; null where there is one.</summary>
    public string? Absent { get; private set; }

    public string Connection { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "LARR.sln"))) root = Path.GetDirectoryName(root);
        string packages = Path.Combine(root ?? "", ".artifacts", "pglite"), server = Path.Combine(packages, "node_modules", "@electric-sql", "pglite-socket", "dist", "scripts", "server.js");
        if (!File.Exists(server))
        {
            Absent = "scripts/pglite has not been run";
            return;
        }
        int port = FreePort();
        var start = new ProcessStartInfo("node") { WorkingDirectory = packages, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { server, "-p", $"{port}", "-h", "127.0.0.1", "-d", "memory://", "-e", "@electric-sql/pglite-pgvector:vector", "-m", "8" }) start.ArgumentList.Add(argument);
        try { _process = Process.Start(start)!; }
        catch (System.ComponentModel.Win32Exception)
        {
            Absent = "node is not installed";
            return;
        }
        var said = new StringBuilder();
        _process.OutputDataReceived += (_, line) => { lock (said) said.AppendLine(line.Data); };
        _process.ErrorDataReceived += (_, line) => { lock (said) said.AppendLine(line.Data); };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Connection = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Pooling=false;SSL Mode=Disable";
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Connection + ";Timeout=5");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (attempt < 600 && !_process.HasExited) { await Task.Delay(100); }
            catch (NpgsqlException problem)
            {
                // A stand-in that does not start says nothing about the code under test.
                lock (said) Absent = $"PGlite does not answer ({problem.Message}): {said}";
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

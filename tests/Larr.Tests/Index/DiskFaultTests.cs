using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

/// <summary>A disk that fails at its n-th operation, for every n: full, or broken.</summary>
public sealed class DiskFaultTests
{
    static readonly ValueText[] s_before = Rows.Of(120);
    static readonly ValueText[] s_after = [.. Rows.Changed(s_before, 40, "now")[10..]];
    static readonly IndexConfig s_config = new() { ApproximateFrom = 30, KeepGenerations = 1 };

    [Fact]
    public void Wherever_the_disk_fails_the_old_or_the_new_generation_is_live_and_whole_and_the_next_refresh_completes()
    {
        using TemporaryFolder start = new(), uninterrupted = new();
        Rows.Refresh(new IndexFolder(start.Path), s_before, s_config);
        Copy(start.Path, uninterrupted.Path);
        Rows.Refresh(new IndexFolder(uninterrupted.Path), s_after, s_config);

        int failed = 0, old = 0;
        for (int n = 0; ; n++)
        {
            using var temporary = new TemporaryFolder();
            Copy(start.Path, temporary.Path);
            var disk = new FailingDisk(n);
            bool done = false;
            try
            {
                Rows.Refresh(new IndexFolder(temporary.Path) { Disk = disk }, s_after, s_config);
                done = true;
            }
            catch (IOException full) { Assert.Equal("No space left on device", full.Message); }
            if (done) break;

            failed++;
            using (Generation live = new IndexFolder(temporary.Path).OpenLive())
            {
                Rows.AssertHolds(live, live.Number == 1 ? s_before : s_after);
                IndexVerify.Check(live);
                if (live.Number == 1) old++;
            }
            var mended = new IndexFolder(temporary.Path) { Disk = new FailingDisk(int.MaxValue) };
            Rows.Refresh(mended, s_after, s_config);
            mended.Lock().Dispose();
            Rows.AssertSameFiles(uninterrupted.Path, temporary.Path);
        }
        Assert.True(failed > 40 && old > 40, $"{failed} failures, {old} of them with the old generation live");
    }

    [Fact]
    public void A_first_build_on_a_full_disk_leaves_an_empty_folder()
    {
        for (int n = 0; n < 20; n += 5)
        {
            using var temporary = new TemporaryFolder();
            Assert.Throws<IOException>(() => Rows.Refresh(new IndexFolder(temporary.Path) { Disk = new FailingDisk(n) }, s_before, s_config));
            Assert.Null(new IndexFolder(temporary.Path).LiveNumber);
            Assert.Empty(Directory.EnumerateDirectories(temporary.Path));
        }
    }

    static void Copy(string from, string to)
    {
        foreach ((string name, byte[] bytes) in Rows.Files(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, name))!);
            File.WriteAllBytes(Path.Combine(to, name), bytes);
        }
    }

    /// <summary>Writes half of what it is given at operation n, and fails; so do all that follow, until the folder is tidied up: a disk stays full.</summary>
    sealed class FailingDisk(int n) : Disk
    {
        int _left = n;

        public override Stream Create(string path)
        {
            Step();
            return new FailingStream(this, base.Create(path));
        }

        public override void Flush(Stream stream)
        {
            Step();
            stream.Flush();
        }

        public override void FlushAll(IReadOnlyList<Action> flushes)
        {
            foreach (Action flush in flushes) flush();
        }

        public override void FlushFolder(string folder) { }

        public override void Move(string from, string to)
        {
            if (!to.Contains(IndexFormat.Deleting, StringComparison.Ordinal)) Step();
            base.Move(from, to);
        }

        void Step()
        {
            if (_left-- <= 0) throw new IOException("No space left on device");
        }

        sealed class FailingStream(FailingDisk disk, Stream inner) : Stream
        {
            public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

            public override void Write(ReadOnlySpan<byte> buffer)
            {
                if (disk._left <= 0) inner.Write(buffer[..(buffer.Length / 2)]);
                disk.Step();
                inner.Write(buffer);
            }

            public override bool CanRead => false;

            public override bool CanSeek => false;

            public override bool CanWrite => true;

            public override long Length => inner.Length;

            public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

            public override void Flush() => inner.Flush();

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            protected override void Dispose(bool disposing)
            {
                inner.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}

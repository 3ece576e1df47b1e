using System.Diagnostics;
using System.Reflection;
using Larr.Build;
using static TorchSharp.torch;

namespace Larr.Tests.Build;

[Collection("torch")]
public sealed class KeepArgumentsAliveTests
{
    [Fact]
    public void The_attributes_value_changes_once_and_nothing_else()
    {
        byte[] image = [9, 8, 8, 1, 0, 2, 0, 0, 0, 0, 0, 8, 1, 0, 8, 0, 0, 0, 0, 0];
        Assert.True(KeepArgumentsAlive.Disable(image));
        Assert.Equal([9, 8, 8, 1, 0, 3, 1, 0, 0, 0, 0, 8, 1, 0, 8, 0, 0, 0, 0, 0], image);
        Assert.False(KeepArgumentsAlive.Disable(image));
    }

    [Fact]
    public void A_file_without_the_attribute_or_with_two_candidates_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => KeepArgumentsAlive.Disable(new byte[100]));
        Assert.Throws<InvalidDataException>(() => KeepArgumentsAlive.Disable([8, 1, 0, 2, 0, 0, 0, 0, 0, 8, 1, 0, 2, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void The_TorchSharp_in_use_is_compiled_without_optimisation() =>
        Assert.True(typeof(TorchSharp.torch).Assembly.GetCustomAttribute<DebuggableAttribute>()!.IsJITOptimizerDisabled);

    [Fact]
    public void A_number_given_to_an_operation_outlives_it_while_another_thread_collects()
    {
        // Dozens of failures per second before the build step.
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested) GC.KeepAlive(new byte[10_000]);
        });
        collecting.Start();
        try
        {
            using Tensor x = ones(100);
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < 1) x.mul_(1.0);
            Assert.Equal(100f, x.sum().item<float>());
        }
        finally
        {
            stop.Cancel();
            collecting.Join();
        }
    }
}

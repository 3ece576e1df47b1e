using System.CommandLine;
using Larr.Cli;

namespace Larr.Tests.Cli;

public sealed class TypedCommandTests
{
    [Fact]
    public void A_recorded_command_can_be_given_to_a_shell_again()
    {
        var root = new RootCommand { new Option<string[]>("--row"), new Option<string>("--set") };
        Assert.Equal("larr --row '+ alignment' --row baseline --set a=[1,2] --row 'the user'\\''s'", CommandLine.Typed(root.Parse(["--row", "+ alignment", "--row", "baseline", "--set", "a=[1,2]", "--row", "the user's"])));
    }
}

using CsCheck;
using Larr.Runs;

namespace Larr.Tests.Runs;

public class InputExceptionTests
{
    [Fact]
    public void A_complaint_names_file_place_value_and_what_was_expected() =>
        Assert.Equal("log.csv: line 3: found yes; expected 0 or 1", new InputException("log.csv", "line 3", "yes", "0 or 1").Message);

    [Fact]
    public void Characters_that_break_a_line_are_written_out() =>
        Assert.Equal(@"a\u000ab: to\u0009ens\u2028", new InputException("a\nb", "to\tens\u2028").Message);

    [Fact]
    public void Any_value_gives_one_line() =>
        Gen.String.Sample(value => Assert.Single(new InputException("file", "place", value, "a number").Message.ReplaceLineEndings("\n").Split('\n')), iter: 1000);
}

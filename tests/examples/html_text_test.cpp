#include "examples/email_workflow/html_text.h"

#include <gtest/gtest.h>

namespace email_workflow {
namespace {

struct Case {
  const char* name;
  const char* html;
  const char* text;
};

class HtmlText : public ::testing::TestWithParam<Case> {};

TEST_P(HtmlText, KeepsTheWords) {
  EXPECT_EQ(html_to_text(GetParam().html), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, HtmlText,
    ::testing::Values(
        Case{"Empty", "", ""}, Case{"Text", "plain", "plain\n"},
        Case{"InlineTags", "a <b>b</b><i>c</i>", "a bc\n"},
        Case{"Paragraphs", "<p>one</p><p>two</p>", "one\ntwo\n"},
        Case{"LineBreaks", "one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour\n"},
        Case{"Spaces", " a \n\t b ", "a b\n"},
        Case{"StyleAndScript", "<style>p > b { }</style>a<script>if (a < b) x();</script>b",
             "ab\n"},
        Case{"Head", "<html><head><title>no</title></head><body>yes</body></html>", "yes\n"},
        Case{"Comment", "a<!-- <b> -- > -->b", "ab\n"},
        Case{"References", "&lt;&amp;&gt;&quot;&#8364;&#x20AC;&nbsp;&ndash;", "<&>\"€€ –\n"},
        Case{"UnknownReferences", "AT&T &bogus; &#0; &#xD800; &", "AT&T &bogus; &#0; &#xD800; &\n"},
        Case{"UnclosedTag", "a<b", "a\n"}, Case{"UnclosedScript", "a<script>b", "a\n"},
        Case{"Utf8", "Łódź &euro;", "Łódź €\n"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace email_workflow

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/user_agent.h"

#include "core/metrics/python_json.h"

#include <doctest/doctest.h>
#include <string>

using namespace cm::metrics;
using cm::api::ClientClass;

namespace {

std::string nameIn(std::string_view userAgent, Mode mode)
{
    const Client client = readUserAgent(userAgent, mode);
    return client.details.installer ? client.details.installer->name.value_or("") : "";
}

std::string spelled(std::string_view json)
{
    const auto value = PythonJson::parse(json);
    return value ? value->spelled() : "raises";
}

}  // namespace

TEST_CASE("the details of pip's JSON are kept one and all")
{
    const Client client = readUserAgent(
        R"(pip/20.1 {"ci":true,"cpu":"x86_64","distro":{"id":"jammy","libc":{"lib":"glibc","version":"2.35"},"name":"Ubuntu","version":"22.04"},)"
        R"("implementation":{"name":"CPython","version":"3.8.2"},"installer":{"name":"pip","version":"20.1","subcommand":["install","a b"]},)"
        R"("openssl_version":"OpenSSL 3","python":"3.8.2","rustc_version":"1.70","setuptools_version":"68","system":{"name":"Linux","release":"6.1"}})",
        Mode::Strict);
    Details expected;
    expected.installer = Installer{"pip", "20.1", "install 'a b'"};
    expected.python = "3.8.2";
    expected.implementation = NameAndVersion{"CPython", "3.8.2"};
    expected.distro = Distro{"Ubuntu", "22.04", "jammy", Libc{"glibc", "2.35"}};
    expected.system = System{"Linux", "6.1"};
    expected.cpu = "x86_64";
    expected.opensslVersion = "OpenSSL 3";
    expected.setuptoolsVersion = "68";
    expected.rustcVersion = "1.70";
    expected.ci = true;
    CHECK(client.match == Client::Match::Known);
    CHECK(client.details == expected);
    CHECK(client.clientClass == ClientClass::Ci);
}

TEST_CASE("a mirror's line is never counted as an installer's")
{
    for (const char *userAgent : {"pip/20.1 {\"installer\":{\"name\":\"pip\"}} devpi-server/5 (py3)",
            "bandersnatch/6 {\"installer\":{\"name\":\"pip\"},\"ci\":true}",
                                  "devpi-server/6.0 pip/20.1", "pip/20.1 bandersnatch/6.1", "NEXUS/3",
                                          "pep381client-proxy/1.5", "Python-urllib/3.8 z3c.pypimirror/1.0"}) {
        CHECK_MESSAGE(readUserAgent(userAgent, Mode::Strict).clientClass == ClientClass::Mirror, userAgent);
        const ClientClass compatible = readUserAgent(userAgent, Mode::Compatible).clientClass;
        CHECK_MESSAGE((compatible == ClientClass::Mirror || compatible == ClientClass::Unknown), userAgent);
    }
    CHECK(readUserAgent("pip/20.1 {\"installer\":{\"name\":\"Bandersnatch\"},\"ci\":true}",
            Mode::Compatible).clientClass == ClientClass::Mirror);
    // Not every word is a product.
    CHECK(readUserAgent("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5 Build/M4B30Z)", Mode::Strict).clientClass == ClientClass::Browser);
}

TEST_CASE("digits and blanks are those of Unicode where PyPI's are")
{
    // ARABIC-INDIC DIGIT THREE, NO-BREAK SPACE, LATIN SMALL LETTER LONG S, KELVIN SIGN
    CHECK(readUserAgent("Python-urllib/\xD9\xA3.\xD9\xA3", Mode::Compatible).details.python == "\xD9\xA3.\xD9\xA3");
    CHECK(nameIn("python-requests/2\xC2\xA0x", Mode::Compatible).empty());
    CHECK(nameIn("Link\xC5\xBF/1", Mode::Compatible) == "Browser");
    CHECK(nameIn("Lin\xE2\x84\xAAs/1", Mode::Compatible) == "Browser");
    CHECK(nameIn("pip/20.1\xE2\x80\x83{\"installer\":{\"name\":\"pip\"}}", Mode::Compatible) == "pip");
}

TEST_CASE("JSON is read and spelled as Python does")
{
    CHECK(spelled("1.50") == "1.5");
    CHECK(spelled("1e22") == "1e+22");
    CHECK(spelled("1e15") == "1000000000000000.0");
    CHECK(spelled("0.00001") == "1e-05");
    CHECK(spelled("-0") == "0");
    CHECK(spelled("-0.0") == "-0.0");
    CHECK(spelled("1e999") == "inf");
    CHECK(spelled("NaN") == "nan");
    CHECK(spelled("123456789012345678901234567890") == "123456789012345678901234567890");
    CHECK(spelled("[1,\"a'b\",null,true,{\"k\":[]}]") == "[1, \"a'b\", None, True, {'k': []}]");
    CHECK(spelled("{\"a\":1,\"b\":2,\"a\":3}") == "{'a': 3, 'b': 2}");
    CHECK(spelled("\"\\ud83d\\ude00\\u00e9\\ud800\"") == "\xF0\x9F\x98\x80\xC3\xA9\xEF\xBF\xBD");
    CHECK(spelled(" \t\r\n5 ") == "5");
    for (const char *text : {"", "01", "1.", ".5", "+1", "-", "1e", "\"", "\"\\x\"", "\"\t\"", "\"\\u12\"", "[1,]",
            "{\"a\":}", "{a:1}", "[1 2]", "nul", "1 2", "\xEF\xBB\xBF" "1"})
        CHECK_MESSAGE(spelled(text) == "raises", text);
    CHECK(spelled(std::string(4300, '9')) != "raises");
    CHECK(spelled(std::string(4301, '9')) == "raises");
    // Deep nesting ends as a text that is none, not as a stack that is.
    CHECK(spelled(std::string(100000, '[')) == "raises");
    CHECK(spelled(std::string(800, '[') + std::string(800, ']')) != "raises");
}

TEST_CASE("what is in no form that is known stays unknown, whatever it holds")
{
    using namespace std::string_literals;
    for (const std::string &userAgent : {""s, " "s, "/"s, "pip"s, "pip/"s, "pip/ "s, "pip/x {}"s, "uv/"s, "twine/"s,
            "twine/1"s, "twine/1 "s, "devpi-server/"s, "pex/"s, "Homebrew/1 (Macintosh; Intel macOS )"s,
                                         "poetry/1 a/ b/"s, "pip/1.5 a b"s, "\0\0"s, std::string(8000, '/'),
                                                 std::string(8000, ' '), std::string(8000, '{')}) {
        CHECK_MESSAGE(readUserAgent(userAgent, Mode::Compatible).match == Client::Match::Unknown, userAgent.substr(0, 40));
        CHECK_MESSAGE(readUserAgent(userAgent, Mode::Strict).match != Client::Match::Broken, userAgent.substr(0, 40));
    }
}

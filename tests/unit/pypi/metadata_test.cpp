// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/metadata.h"
#include "core/pypi/upload_form.h"

#include <doctest/doctest.h>

using namespace cm::pypi;
using Strings = std::vector<std::string>;

TEST_CASE("METADATA is read with folding and a body")
{
    const auto metadata = parseMetadata("Metadata-Version: 2.4\n"
                                        "Name: Demo.Pkg\r\n"
                                        "VERSION: 1.0\n"
                                        "Summary: UNKNOWN\n"
                                        "License: line one\n"
                                        "        line two\n"
                                        "Classifier: A\n"
                                        "Classifier: B\n"
                                        "Project-URL: Home, https://example.org/a,b\n"
                                        "License-File: LICENSE\n"
                                        "Import-Name: demo\n"
                                        "X-Unknown: x\n"
                                        "\n"
                                        "# Title\n\nName: not a header\n");
    REQUIRE(metadata);
    CHECK(metadata->metadataVersion == "2.4");
    CHECK(metadata->name == "Demo.Pkg");
    CHECK(metadata->version == "1.0");
    CHECK(metadata->summary.empty());
    CHECK(metadata->license == "line one\nline two");
    CHECK(metadata->classifiers == Strings{"A", "B"});
    CHECK(metadata->licenseFiles == Strings{"LICENSE"});
    CHECK(metadata->importNames == Strings{"demo"});
    CHECK(metadata->description == "# Title\n\nName: not a header\n");
    CHECK(splitProjectUrl(metadata->projectUrls.at(0)) ==
          std::pair<std::string, std::string>{"Home", "https://example.org/a,b"});
}

TEST_CASE("a description in the header loses its indent and nothing else")
{
    CHECK(
        parseMetadata("Name: a\nDescription: One\n       |  two\n       |\n       |three\nVersion: 1\n")->description ==
        "One\n  two\n\nthree");
    CHECK(parseMetadata("Name: a\nDescription: One\n          two\n        three\nVersion: 1\n")->description ==
          "One\n  two\nthree");
}

TEST_CASE("bytes that are no metadata are refused")
{
    const std::string_view rows[] = {"",
                                     "\n",
                                     "Name: \xff\n",
                                     "Name: a\xc0\x80\n",
                                     "Name: \xed\xa0\x80\n",
                                     "no header here\n",
                                     ": empty\n",
                                     "Name: a\nName: b\n",
                                     "Version: 1\nVersion: 2\n",
                                     std::string_view("Name: a\0b\n", 10)};
    for (const std::string_view bytes : rows) {
        const auto metadata = parseMetadata(bytes);
        REQUIRE_FALSE_MESSAGE(metadata, std::string(bytes));
        CHECK(metadata.error().code == cm::ErrorCode::InvalidInput);
    }
}

TEST_CASE("a line that is no header begins the description")
{
    const auto metadata = parseMetadata("Name: a\nLicense: BSD\nunindented text\nVersion: 9\n");
    REQUIRE(metadata);
    CHECK(metadata->version.empty());
    CHECK(metadata->description == "unindented text\nVersion: 9\n");
}

TEST_CASE("forms of all clients mean the same")
{
    const FormFields fields{
        {":action", "file_upload"}, {"protcol_version", "1"},     {"name", " Demo "},
        {"version", "1.0"},         {"filetype", "sdist"},        {"pyversion", ""},
        {"license", "UNKNOWN"},     {"download_url", "None"},     {"summary", ""},
        {"summary", "second"},      {"provides_extras", ""},      {"provides_extras", "x"},
        {"provides_extra", "y"},    {"license_files", "LICENSE"}, {"comment", std::string("a\0b", 3)},
        {"content", "ignored"}};
    const UploadForm form = cleanUploadForm(fields);
    CHECK(form.action == "file_upload");
    CHECK(form.protocolVersion == "1");
    CHECK(form.pyversion == "source");
    CHECK(form.comment == "a\\x00b");
    CHECK(form.metadata.name == "Demo");
    CHECK(form.metadata.license.empty());
    CHECK(form.metadata.downloadUrl.empty());
    CHECK(form.metadata.summary == "second");
    CHECK(form.metadata.providesExtra == Strings{"x", "y"});
    CHECK(form.metadata.licenseFiles == Strings{"LICENSE"});
}

TEST_CASE("a project may be called None, but not UNKNOWN")
{
    CHECK(metadataFromForm({{"name", "None"}}).name == "None");
    CHECK(metadataFromForm({{"name", "UNKNOWN"}}).name.empty());
}

TEST_CASE("keywords split at what separates them")
{
    CHECK(splitKeywords("a,b") == Strings{"a", "b"});
    CHECK(splitKeywords("a, b c ,,") == Strings{"a", "b c"});
    CHECK(splitKeywords("a b  c") == Strings{"a", "b", "c"});
    CHECK(splitKeywords("").empty());
}

TEST_CASE("form and JSON carry metadata there and back")
{
    Metadata metadata;
    metadata.metadataVersion = "2.5";
    metadata.name = "demo";
    metadata.version = "1";
    metadata.description = "caf\xc3\xa9 \"x\"\n\t";
    metadata.keywords = "a, b";
    metadata.requiresLegacy = {"one"};
    metadata.requiresDist = {"x>=1", "y; extra == 'z'"};
    metadata.providesExtra = {"z"};
    metadata.dynamic = {"version"};
    metadata.importNamespaces = {"ns"};
    FormFields fields;
    appendFormFields(fields, metadata);
    CHECK(metadataFromForm(fields).requiresDist == metadata.requiresDist);
    CHECK(*metadataFromJsonText(metadataToJsonText(metadata)) == metadata);
    CHECK(metadataToJsonText(Metadata{}) == "{}");
    for (const char *bad : {"", "[]", "{\"name\":1}", "{\"dynamic\":\"x\"}", "{\"dynamic\":[1]}", "{"})
        CHECK(metadataFromJsonText(bad).error().code == cm::ErrorCode::Corrupt);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What real clients sent, byte for byte, through form, archive and checks.
#include "core/archive/archive.h"
#include "core/base/hash.h"
#include "core/checks/upload_checks.h"
#include "core/pypi/upload_form.h"
#include "tests/support/make_archive.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace cm;
using namespace cm::checks;

namespace {

struct Request {
    pypi::FormFields fields;
    std::string filename;
    std::string content;
};

std::string between(std::string_view text, std::string_view before, std::string_view after)
{
    const std::size_t begin = text.find(before);
    if (begin == std::string_view::npos)
        return {};
    const std::size_t from = begin + before.size();
    return std::string(text.substr(from, text.find(after, from) - from));
}

// Enough of a multipart reader for whole, correct bodies with either line ending.
Request readRequest(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::string boundary = between(text, "boundary=", "\r\n");
    boundary = "--" + boundary.substr(0, boundary.find(';'));
    Request request;
    std::size_t at = text.find(boundary, text.find("\r\n\r\n"));
    while (at != std::string::npos) {
        const std::size_t begin = at + boundary.size();
        const std::size_t next = text.find("\n" + boundary, begin);
        if (next == std::string::npos)
            break;
        std::string part = text.substr(begin, next - begin);
        const bool carriage = part.starts_with("\r\n");
        const std::string_view gap = carriage ? "\r\n\r\n" : "\n\n";
        const std::size_t body = part.find(gap);
        REQUIRE(body != std::string::npos);
        const std::string head = part.substr(0, body);
        std::string value = part.substr(body + gap.size());
        if (carriage && value.ends_with('\r'))
            value.pop_back();
        const std::string name = between(head, " name=\"", "\"");
        if (name == "content") {
            request.filename = between(head, "filename=\"", "\"");
            request.content = value;
        } else {
            request.fields.emplace_back(name, value);
        }
        at = next + 1;
    }
    return request;
}

UploadFacts factsOfRequest(const Request &request, const std::filesystem::path &stored)
{
    UploadFacts facts;
    facts.caller = Caller{.authenticated = true, .user = "ada", .mayUpload = true};
    facts.form = pypi::cleanUploadForm(request.fields);
    facts.file = FilePart{true, request.filename, {}};
    facts.project = ProjectContext{};
    facts.body = BodyFacts{request.content.size(), hashHex(HashKind::Md5, request.content),
                           hashHex(HashKind::Sha256, request.content), hashHex(HashKind::Blake2b256, request.content),
                           hashHex(HashKind::Blake2b512, request.content)};
    facts.stored = StoredContext{};
    const auto content = request.filename.ends_with(".whl") ? archive::Content::Wheel : archive::Content::Sdist;
    auto archive = archive::inspect(stored, request.filename, content);
    REQUIRE(archive);
    facts.archive = std::move(*archive);
    return facts;
}

}  // namespace

TEST_CASE("uploads of real clients are accepted as they were sent")
{
    const std::filesystem::path folder = std::filesystem::path(CHEESEMONGER_TEST_DATA) / "client-requests";
    const test::TempFolder temp;
    int uploads = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".req")
            continue;
        const Request request = readRequest(entry.path());
        if (request.filename.empty())
            continue;  // register, XML-RPC
        INFO(entry.path().filename().string());
        ++uploads;
        const UploadFacts facts = factsOfRequest(request, temp.write("file", request.content));
        CHECK(facts.form.action == "file_upload");
        CHECK_FALSE(facts.form.metadata.name.empty());
        for (const Finding &finding : allFindings(facts))
            FAIL_CHECK(std::string(finding.checkId) << ": " << finding.refusal.text);
    }
    CHECK(uploads > 20);
}

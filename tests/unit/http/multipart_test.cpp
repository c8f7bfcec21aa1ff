// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/multipart.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <utility>

using namespace cm;
using namespace cm::http;

namespace {

struct Part {
    PartHead head;
    std::string data;
    bool ended = false;
};

class Collector final : public MultipartHandler {
public:
    std::vector<Part> parts;

    Result<void> partBegin(const PartHead &part) override
    {
        parts.push_back({part, {}, false});
        return {};
    }
    Result<void> partData(std::span<const std::byte> bytes) override
    {
        parts.back().data.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        return {};
    }
    Result<void> partEnd() override
    {
        parts.back().ended = true;
        return {};
    }
    [[nodiscard]] const Part *named(std::string_view name) const
    {
        for (const Part &part : parts) {
            if (part.head.name == name)
                return &part;
        }
        return nullptr;
    }
};

Result<void> feedAll(MultipartReader &reader, std::string_view body, const std::vector<std::size_t> &cuts = {})
{
    std::size_t at = 0;
    for (const std::size_t cut : cuts) {
        // Each chunk in a buffer of its own, so that a view kept beyond the call shows under ASan.
        const std::string chunk(body.substr(at, cut - at));
        CM_TRY(reader.feed(std::as_bytes(std::span(chunk.data(), chunk.size()))));
        at = cut;
    }
    CM_TRY(reader.feed(std::as_bytes(std::span(body.data() + at, body.size() - at))));
    return reader.finish();
}

std::string sample(const std::string &name)
{
    std::ifstream file(std::string(CHEESEMONGER_TEST_DATA) + "/client-requests/" + name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// Boundary and body of a recorded request.
std::pair<std::string, std::string> formOf(const std::string &request)
{
    const auto end = request.find("\r\n\r\n");
    const std::string head = request.substr(0, end + 2);
    std::size_t at = 0;
    std::string boundary;
    while (at < head.size()) {
        const auto lineEnd = head.find("\r\n", at);
        std::string line = head.substr(at, lineEnd - at);
        if (line.size() > 13 && (line.starts_with("Content-") || line.starts_with("content-")) &&
            (line.substr(8, 5) == "Type:" || line.substr(8, 5) == "type:")) {
            const auto found = MultipartReader::boundaryOf(std::string_view(line).substr(13));
            if (found)
                boundary = *found;
        }
        at = lineEnd + 2;
    }
    return {boundary, request.substr(end + 4)};
}

Result<void> read(std::string_view body, Collector &collector, MultipartLimits limits = {})
{
    MultipartReader reader("XX", collector, limits);
    return feedAll(reader, body);
}

}  // namespace

TEST_CASE("what real uploaders send is read, wherever the chunks are cut")
{
    for (const char *name : {"tw4-wheel-1.req", "tw4-sig-1.req", "tw6-att-1.req", "tw6-both-1.req", "flit312-1.req",
                             "flit38-2.req", "poe13-1.req", "poe21-2.req", "pdm22-1.req", "pdm220-1.req", "curl-1.req",
                             "distu-2.7.18-1.req", "distu-3.6.15-1.req", "pypissh-py27-upload.req",
                             "pypissh-py26style-upload.req"}) {
        CAPTURE(name);
        const auto [boundary, body] = formOf(sample(name));
        REQUIRE_FALSE(boundary.empty());
        Collector whole;
        MultipartReader reader(boundary, whole);
        const auto result = feedAll(reader, body);
        REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().detail));
        REQUIRE(whole.named("name") != nullptr);
        REQUIRE(whole.named("version") != nullptr);
        const Part *content = whole.named("content");
        REQUIRE(content != nullptr);
        CHECK(content->head.hasFileName);
        CHECK(content->ended);
        const bool isArchive = content->data.starts_with("PK") || content->data.starts_with("\x1f\x8b");
        CHECK(isArchive);

        std::mt19937 random(7);
        for (int round = 0; round < 200; ++round) {
            std::vector<std::size_t> cuts;
            for (std::size_t at = random() % 40; at < body.size(); at += 1 + random() % (round % 2 == 0 ? 5 : 300))
                cuts.push_back(at);
            Collector pieces;
            MultipartReader again(boundary, pieces);
            REQUIRE(feedAll(again, body, cuts).has_value());
            REQUIRE(pieces.parts.size() == whole.parts.size());
            for (std::size_t i = 0; i < pieces.parts.size(); ++i) {
                REQUIRE(pieces.parts[i].head.name == whole.parts[i].head.name);
                REQUIRE(pieces.parts[i].data == whole.parts[i].data);
            }
        }
    }
}

TEST_CASE("a registration with bare line feeds is read")
{
    const auto [boundary, body] = formOf(sample("pypissh-py27-register.req"));
    Collector collector;
    MultipartReader reader(boundary, collector);
    REQUIRE(feedAll(reader, body).has_value());
    REQUIRE(collector.named(":action") != nullptr);
    CHECK(collector.named(":action")->data == "submit");
}

TEST_CASE("bytes that look like a boundary stay data")
{
    Collector collector;
    const std::string data = "\r\n--XY\r\n--X\r\n-\r\n\n--XX\r\r\n--XXtra\r\n";
    REQUIRE(read("--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=f\r\n\r\n" + data + "\r\n--XX--\r\n", collector)
                .has_value());
    REQUIRE(collector.parts.size() == 1);
    CHECK(collector.parts[0].data == data);
}

TEST_CASE("empty parts, empty forms, padding and epilogues are fine")
{
    Collector collector;
    REQUIRE(read("preamble\r\n--XX  \r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--XX\r\n"
                 "content-disposition:form-data;name=\"b\"\r\n\r\n--XX--epilogue",
                 collector)
                .has_value());
    REQUIRE(collector.parts.size() == 2);
    CHECK(collector.parts[0].data.empty());
    CHECK(collector.parts[1].head.name == "b");
    CHECK(collector.parts[1].data.empty());
    Collector none;
    CHECK(read("--XX--", none).has_value());
    CHECK(none.parts.empty());
}

TEST_CASE("file names are read in all their spellings")
{
    const auto nameOf = [](const std::string &disposition) {
        Collector collector;
        REQUIRE(read("--XX\r\nContent-Disposition: " + disposition + "\r\n\r\nx\r\n--XX--", collector).has_value());
        return collector.parts.at(0).head.fileName;
    };
    CHECK(nameOf("form-data; name=\"content\";filename=\"a b.whl\"") == "a b.whl");
    CHECK(nameOf("form-data; name=content; filename=a.whl") == "a.whl");
    CHECK(nameOf("form-data; filename=\"q\\\"uote;.whl\"; name=content") == "q\"uote;.whl");
    CHECK(nameOf("form-data; name=content; filename*=utf-8''r%C3%A9sum%C3%A9.whl") == "r\xC3\xA9sum\xC3\xA9.whl");
    CHECK(nameOf("form-data; name=content; filename=\"C:\\dist\\a.whl\"") == "C:\\dist\\a.whl");
}

TEST_CASE("a form that is none is refused with a sentence")
{
    for (const char *body : {"", "no form at all", "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\ncut off",
                             "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--",
                             "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XX--",
                             "--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--", "--XX\r\nContent-Dispo"}) {
        CAPTURE(body);
        Collector collector;
        const auto result = read(body, collector);
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().code == ErrorCode::InvalidInput);
        CHECK(result.error().detail.ends_with("."));
    }
}

TEST_CASE("the limits are explained")
{
    std::string many;
    for (int i = 0; i < 10'000; ++i)
        many += "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
    many += "--XX--\r\n";
    Collector collector;
    auto result = read(many, collector);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::TooLarge);
    CHECK(result.error().detail == "The form has more than 1000 fields.");
    CHECK(collector.parts.size() == 1'000);

    Collector small;
    const std::string field = "--XX\r\nContent-Disposition: form-data; name=big\r\n\r\n" + std::string(200, 'x') + "\r\n--XX--";
    result = read(field, small, {.fieldBytes = 100});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().detail.find("'big'") != std::string::npos);

    Collector headed;
    result = read("--XX\r\nX: " + std::string(20'000, 'x'), headed);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::TooLarge);
}

TEST_CASE("a file has no field limit, and a handler's failure ends the reading")
{
    Collector collector;
    const std::string file = "--XX\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" + std::string(500, 'x') + "\r\n--XX--";
    CHECK(read(file, collector, {.fieldBytes = 100}).has_value());

    struct Refuser final : MultipartHandler {
        Result<void> partBegin(const PartHead &) override { return fail(ErrorCode::Forbidden, "not this one"); }
        Result<void> partData(std::span<const std::byte>) override { return {}; }
        Result<void> partEnd() override { return {}; }
    } refuser;
    MultipartReader reader("XX", refuser);
    CHECK(feedAll(reader, file).error().detail == "not this one");
    CHECK(reader.feed({}).error().detail == "not this one");
    CHECK(reader.finish().error().detail == "not this one");
}

TEST_CASE("random bytes are refused or read, never worse")
{
    std::mt19937 random(11);
    static constexpr std::string_view alphabet = "-X\r\n:;=\" aCcontent-Disposition: form-data; name";
    int accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string body = round % 3 == 0 ? "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n" : "";
        for (unsigned i = 0, size = random() % 120; i < size; ++i)
            body.push_back(alphabet[random() % alphabet.size()]);
        if (round % 3 == 0)
            body += "\r\n--XX--";
        Collector collector;
        MultipartReader reader("XX", collector);
        std::vector<std::size_t> cuts;
        for (std::size_t at = 1 + random() % 9; at < body.size(); at += 1 + random() % 30)
            cuts.push_back(at);
        if (feedAll(reader, body, cuts).has_value())
            ++accepted;
    }
    CHECK(accepted > 6'000);
}

TEST_CASE("the boundary is found in the content type")
{
    CHECK(*MultipartReader::boundaryOf("multipart/form-data; boundary=abc; charset=utf-8") == "abc");
    CHECK(*MultipartReader::boundaryOf("Multipart/Form-Data;charset=utf-8;boundary=\"a b\"") == "a b");
    CHECK_FALSE(MultipartReader::boundaryOf("application/json").has_value());
    CHECK_FALSE(MultipartReader::boundaryOf("multipart/form-data").has_value());
    CHECK_FALSE(MultipartReader::boundaryOf("multipart/form-data; boundary=").has_value());
    CHECK_FALSE(MultipartReader::boundaryOf("").has_value());
}

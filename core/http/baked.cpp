// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/baked.h"

#include <new>
#include <zlib.h>

namespace cm::http {
namespace {

bool repeatedIn304(std::string_view name)
{
    return equalsIgnoringCase(name, "Cache-Control") || equalsIgnoringCase(name, "Vary") ||
           equalsIgnoringCase(name, "ETag") || equalsIgnoringCase(name, "Expires") ||
           equalsIgnoringCase(name, "Content-Location") || equalsIgnoringCase(name, "Deprecation") ||
           equalsIgnoringCase(name, "Sunset") || equalsIgnoringCase(name, "Link") || equalsIgnoringCase(name.substr(0, 2), "X-");
}

Baked::Variant makeVariant(Response response, std::string_view etag)
{
    Baked::Variant variant;
    if (!etag.empty() && response.set("ETag", etag)) {
        variant.etag = std::string(etag);
        Response unchanged;
        unchanged.status = 304;
        for (const Header &header : response.headers) {
            if (repeatedIn304(header.name))
                unchanged.headers.push_back(header);
        }
        appendHead(variant.notModified, unchanged);
    }
    appendHead(variant.head, response);
    variant.body = std::move(response.body);
    return variant;
}

// "abc" becomes "abc-gz": one strong tag names one sequence of bytes.
std::string gzipTag(std::string_view etag)
{
    if (etag.size() < 2 || etag.back() != '"')
        return {};
    return std::string(etag.substr(0, etag.size() - 1)) + "-gz\"";
}

}  // namespace

std::shared_ptr<const Baked> bake(Response response, std::string_view etag, std::string gzipBody)
{
    auto baked = std::make_shared<Baked>();
    baked->status = response.status;
    if (!gzipBody.empty()) {
        if (response.header("Vary").empty())
            response.set("Vary", "Accept-Encoding");
        Response packed = response;
        packed.body = std::move(gzipBody);
        packed.set("Content-Encoding", "gzip");
        baked->gzip = makeVariant(std::move(packed), gzipTag(etag));
    }
    baked->identity = makeVariant(std::move(response), etag);
    return baked;
}

std::string gzipCompress(std::string_view text, int level)
{
    z_stream stream{};
    // 16 asks zlib for the gzip format, 15 is the largest window.
    if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

}  // namespace cm::http

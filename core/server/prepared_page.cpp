// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/prepared_page.h"

#include "core/server/public_headers.h"

#include <cstdio>
#include <malloc.h>
#include <system_error>

namespace cm::server {
namespace {

constexpr std::size_t keptInMemory = 256 * 1024;
// A cache of 32 MB in memory holds 2 GB on disk.
constexpr std::size_t diskToMemory = 64;
// The best compression of a long page takes longer than it saves.
constexpr int quickly = 1;

Result<void> writeFile(const std::filesystem::path &path, std::string_view bytes)
{
    std::FILE *file = std::fopen(path.c_str(), "wb");
    if (!file)
        return fail(ErrorCode::Unavailable, "cannot write " + path.string());
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    const bool closed = std::fclose(file) == 0;
    if (!written || !closed)
        return fail(ErrorCode::Unavailable, "cannot write " + path.string());
    return {};
}

class InMemory final : public PreparedPage {
public:
    explicit InMemory(std::shared_ptr<const http::Baked> baked) : m_baked(std::move(baked)) {}

    [[nodiscard]] http::Reply replyTo(const http::RequestHead &) const override { return m_baked; }
    [[nodiscard]] std::size_t weight() const override
    {
        const auto sizeOf = [](const http::Baked::Variant &variant) {
            return variant.head.size() + variant.body.size() + variant.notModified.size();
        };
        return sizeof(*m_baked) + sizeOf(m_baked->identity) + (m_baked->gzip ? sizeOf(*m_baked->gzip) : 0);
    }

private:
    std::shared_ptr<const http::Baked> m_baked;
};

class OnDisk final : public PreparedPage, public std::enable_shared_from_this<OnDisk> {
public:
    OnDisk(http::FileRange plain, http::FileRange gzip, std::size_t bytes)
        : m_plain(std::move(plain)), m_gzip(std::move(gzip)), m_bytes(bytes)
    {}
    ~OnDisk() override
    {
        for (const http::FileRange *file : {&m_plain, &m_gzip}) {
            std::error_code ignored;
            std::filesystem::remove(file->path, ignored);
        }
    }
    OnDisk(const OnDisk &) = delete;
    OnDisk &operator=(const OnDisk &) = delete;

    [[nodiscard]] http::Reply replyTo(const http::RequestHead &head) const override
    {
        http::FileRange file = http::acceptsGzip(head.header("Accept-Encoding")) ? m_gzip : m_plain;
        file.keeper = shared_from_this();
        return file;
    }
    [[nodiscard]] std::size_t weight() const override { return 1024 + m_bytes / diskToMemory; }

private:
    http::FileRange m_plain;
    http::FileRange m_gzip;
    std::size_t m_bytes;
};

}  // namespace

Result<void> PagePrinter::open()
{
    std::error_code error;
    std::filesystem::remove_all(m_folder, error);
    std::filesystem::create_directories(m_folder, error);
    if (error)
        return fail(ErrorCode::Unavailable, "cannot make the folder " + m_folder.string() + ": " + error.message());
    return {};
}

Result<Page> PagePrinter::prepare(http::Response answer)
{
    const std::string etag = etagOf(answer.body);
    if (answer.body.size() <= keptInMemory) {
        std::string gzip = isWorthGzip(answer.body.size()) ? http::gzipCompress(answer.body) : std::string();
        return std::make_shared<const InMemory>(http::bake(std::move(answer), etag, std::move(gzip)));
    }
    const std::string path = (m_folder / std::to_string(++m_files)).string();
    http::FileRange plain{path, etag, answer.headers, {}};
    http::FileRange gzip{path + ".gz", etag.substr(0, etag.size() - 1) + "-gz\"", answer.headers, {}};
    gzip.headers.push_back({"Content-Encoding", "gzip"});
    const auto page = std::make_shared<const OnDisk>(plain, gzip, answer.body.size());
    CM_TRY(writeFile(plain.path, answer.body));
    CM_TRY(writeFile(gzip.path, http::gzipCompress(answer.body, quickly)));
    answer = {};
    // What a million names took goes back to the system.
    ::malloc_trim(0);
    return page;
}

}  // namespace cm::server

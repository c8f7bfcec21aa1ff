// SPDX-License-Identifier: GPL-3.0-or-later
// The global index: hundreds of thousands of names in two forms, written in pieces beside their gzip.
#include "core/mirror/disk.h"
#include "core/mirror/tree.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>
#include <zlib.h>

namespace cm::mirror {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t pieceBytes = 256 * 1024;
// Above it gzip is made quickly: what is saved on the way is lost in the minute that it takes.
constexpr std::int64_t manyProjects = 20'000;

// One form: its text as it comes, and the same packed.
class Form {
public:
    Form(StagedFile plain, StagedFile packed, int level) : m_plain(std::move(plain)), m_packed(std::move(packed))
    {
        constexpr int gzipWindow = 15 + 16;
        deflateInit2(&m_stream, level, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY);
    }
    ~Form() { deflateEnd(&m_stream); }
    Form(const Form &) = delete;
    Form &operator=(const Form &) = delete;

    std::string text;

    Result<void> flush(bool last)
    {
        CM_TRY(m_plain.write(text));
        m_stream.next_in = reinterpret_cast<Bytef *>(text.data());
        m_stream.avail_in = static_cast<uInt>(text.size());
        std::string out(pieceBytes, '\0');
        int state = Z_OK;
        do {
            m_stream.next_out = reinterpret_cast<Bytef *>(out.data());
            m_stream.avail_out = static_cast<uInt>(out.size());
            state = deflate(&m_stream, last ? Z_FINISH : Z_NO_FLUSH);
            CM_TRY(m_packed.write(std::string_view(out.data(), out.size() - m_stream.avail_out)));
        } while (last ? state != Z_STREAM_END : m_stream.avail_out == 0);
        text.clear();
        return {};
    }

    Result<void> close(Time modified)
    {
        CM_TRY(flush(true));
        CM_TRY(m_plain.close(modified));
        CM_TRY(m_packed.close(modified));
        m_plain.placed();
        m_packed.placed();
        return {};
    }

private:
    StagedFile m_plain;
    StagedFile m_packed;
    z_stream m_stream{};
};

Result<std::unique_ptr<Form>> openForm(const std::string &path, int level)
{
    CM_TRY_ASSIGN(StagedFile plain, StagedFile::create(path));
    CM_TRY_ASSIGN(StagedFile packed, StagedFile::create(path + ".gz"));
    return std::make_unique<Form>(std::move(plain), std::move(packed), level);
}

}  // namespace

// The one before stays for those who are reading it.
void Tree::dropOlderIndexes(std::string_view page)
{
    std::vector<fs::path> older;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(m_web / ".pages" / "index", error)) {
        if (entry.path() != pagePath(page))
            older.push_back(entry.path());
    }
    std::ranges::sort(older, [](const fs::path &a, const fs::path &b) {
        std::error_code ignored;
        return fs::last_write_time(a, ignored) < fs::last_write_time(b, ignored);
    });
    for (std::size_t i = 0; i + 1 < older.size(); ++i)
        fs::remove_all(older[i], error);
}

Result<void> Tree::writeIndex(std::int64_t serial, std::int64_t projects, const Lines &lines)
{
    const std::string folder = tempName();
    if (::mkdir(folder.c_str(), 0755) != 0)
        return diskFailed(folder);
    const int level = projects > manyProjects ? Z_BEST_SPEED : Z_DEFAULT_COMPRESSION;
    CM_TRY_ASSIGN(const auto html, openForm(folder + "/index.html", level));
    CM_TRY_ASSIGN(const auto json, openForm(folder + "/index.v1_json", level));
    pypi::appendIndexHtmlBegin(html->text);
    pypi::appendIndexJsonBegin(json->text, serial);
    bool first = true;
    Result<void> written;
    CM_TRY(lines([&](std::string_view display, std::int64_t projectSerial) {
        pypi::appendIndexHtmlEntry(html->text, {display, projectSerial}, "");
        pypi::appendIndexJsonEntry(json->text, {display, projectSerial}, first);
        first = false;
        for (Form *form : {html.get(), json.get()}) {
            if (written && form->text.size() >= pieceBytes)
                written = form->flush(false);
        }
    }));
    CM_TRY(written);
    pypi::appendIndexHtmlEnd(html->text, serial);
    pypi::appendIndexJsonEnd(json->text);
    // Web servers make validators of the second and the size: no two versions may share them.
    struct stat before {};
    Time modified = SystemClock().now();
    if (::stat((m_web / ".index/index.html").c_str(), &before) == 0)
        modified = std::max(modified, Time(std::chrono::seconds(before.st_mtime + 1)));
    CM_TRY(html->close(modified));
    CM_TRY(json->close(modified));
    std::string page;
    for (int again = 0; page.empty() || fs::exists(pagePath(page)); ++again)
        page = fmt::format("index/index.{}.{}", serial, again);
    if (::rename(folder.c_str(), pagePath(page).c_str()) != 0)
        return diskFailed(pagePath(page));
    if (projects > manyProjects) {
        CM_TRY(syncFileSystem(m_web));
    } else {
        for (const char *name : {"index.html", "index.html.gz", "index.v1_json", "index.v1_json.gz", ".", ".."})
            CM_TRY(syncPath(pagePath(page) / name));
    }
    CM_TRY(turn(".pages/" + page, m_web / ".index"));
    CM_TRY(syncPath(m_web));
    dropOlderIndexes(page);
    return {};
}

}  // namespace cm::mirror

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/check.h"

#include "core/mirror/disk.h"
#include "core/mirror/listings.h"
#include "core/mirror/tree.h"

#include <fmt/format.h>
#include <map>
#include <set>
#include <vector>
#include <zlib.h>

namespace cm::mirror {
namespace {

namespace fs = std::filesystem;

// What a run turns to while it is looked at is looked at so often.
constexpr int mostAgain = 10;

std::optional<std::string> unpacked(const fs::path &file)
{
    const gzFile in = ::gzopen(file.c_str(), "rb");
    if (!in)
        return std::nullopt;
    std::string text;
    std::vector<char> piece(256 * 1024);
    int got = 0;
    while ((got = ::gzread(in, piece.data(), static_cast<unsigned>(piece.size()))) > 0)
        text.append(piece.data(), static_cast<std::size_t>(got));
    const bool whole = ::gzclose(in) == Z_OK && got == 0;
    return whole ? std::optional(text) : std::nullopt;
}

class Check {
public:
    Check(const fs::path &root, State *known, const std::function<void(const std::string &)> &tell)
        : m_tree(root), m_web(m_tree.web()), m_known(known), m_tell(tell)
    {}

    Checked run()
    {
        std::error_code error;
        for (const auto &entry : fs::directory_iterator(m_web / "simple", error)) {
            if (!entry.path().has_extension())
                project(entry.path());
        }
        index();
        packages();
        m_checked.projects = static_cast<std::int64_t>(m_pages.size());
        for (const auto &[name, page] : m_pages) {
            m_checked.files += page.files;
            for (const std::string &finding : page.findings)
                found(finding);
        }
        return m_checked;
    }

private:
    struct Page {
        std::int64_t serial = 0;
        bool offered = false;
        std::int64_t files = 0;
        std::vector<std::string> findings;
    };

    void found(const std::string &finding)
    {
        ++m_checked.findings;
        m_tell(finding);
    }

    static std::string turnedTo(const fs::path &link)
    {
        std::error_code error;
        return fs::read_symlink(link, error).string();
    }

    // The link is turned before a file goes that the older page names: what is wrong while it stays is wrong.
    void project(const fs::path &folder)
    {
        const std::string name = folder.filename().string();
        for (int again = 0;; ++again) {
            const std::string before = turnedTo(folder);
            Page page = look(folder, name);
            const std::string after = turnedTo(folder);
            if (!page.findings.empty() && before != after && again < mostAgain)
                continue;
            if (before.empty() && after.empty() && !fs::is_directory(folder))
                m_pages.erase(name);
            else
                m_pages[name] = std::move(page);
            return;
        }
    }

    Page look(const fs::path &folder, const std::string &name)
    {
        PagesSeen seen = lookAtPages(folder, name, publishedDigest(name));
        Page out{seen.serial, seen.offered, 0, std::move(seen.findings)};
        for (const PageFile &file : seen.files)
            oneFile(name, file, out);
        return out;
    }

    // Of what is served. Another page than is known was just turned to, or by a run that was ended.
    std::string publishedDigest(const std::string &name) const
    {
        const std::string served = m_tree.servedPage(name);
        const auto known = m_known ? m_known->known(name) : Result<KnownProject>(KnownProject());
        return known && !served.empty() && known->page == served ? known->digest : std::string();
    }

    void oneFile(const std::string &name, const PageFile &file, Page &page)
    {
        ++page.files;
        const fs::path path = m_web / "packages" / file.path;
        m_named.insert(file.path);
        const auto bytes = measureFile(path);
        if (!bytes)
            page.findings.push_back(fmt::format("{}: {}", name, bytes.error().detail));
        else if (bytes->sha256 != file.file.sha256 || (file.size && bytes->size != *file.size))
            page.findings.push_back(fmt::format("{}: {} has not the bytes that the page tells of", name, file.path));
        if (file.file.metadataSha256.empty())
            return;
        m_named.insert(file.path + ".metadata");
        const auto metadata = measureFile(path.string() + ".metadata");
        if (!metadata)
            page.findings.push_back(fmt::format("{}: {}", name, metadata.error().detail));
        else if (metadata->sha256 != file.file.metadataSha256)
            page.findings.push_back(fmt::format("{}: {}.metadata has not the bytes that the page tells of", name, file.path));
    }

    void index()
    {
        std::vector<std::string> findings;
        for (int again = 0;; ++again) {
            const std::string before = turnedTo(m_web / ".index");
            findings.clear();
            lookAtIndex(findings);
            if (findings.empty() || before == turnedTo(m_web / ".index") || again >= mostAgain)
                break;
        }
        for (const std::string &finding : findings)
            found(finding);
    }

    void lookAtIndex(std::vector<std::string> &findings)
    {
        // Before the list is read: what it lacks was published before that as well.
        const bool stale = m_known && (!m_known->reload() || m_known->facts().indexStale);
        const auto json = wholeText(m_web / "simple/index.v1_json");
        const auto html = wholeText(m_web / "simple/index.html");
        if (!json || !html)
            return findings.push_back("the global index is missing; the next run writes it");
        IndexReader reader;
        const auto written = reader.write(*json);
        auto list = written ? reader.finish() : Result<ProjectList>(fail(written.error()));
        if (!list && !m_pages.empty())
            return findings.push_back("the global index: " + list.error().detail);
        if (unpacked(m_web / "simple/index.v1_json.gz") != json || unpacked(m_web / "simple/index.html.gz") != html)
            findings.push_back("the global index: a gzip form is not of its version");
        if (!list)
            return;
        if (*html != htmlOf(*list))
            findings.push_back("the global index: its HTML is not what its JSON tells");
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::string name(list->at(i).name);
            // It may be newer than what was looked at.
            if (!isAsNew(name, list->at(i).serial))
                project(m_web / "simple" / name);
            if (!m_pages.contains(name))
                findings.push_back(fmt::format("{}: the global index lists it and there is no page", name));
            else if (!isAsNew(name, list->at(i).serial) && m_pages[name].findings.empty())
                findings.push_back(fmt::format("{}: its page is older than the global index tells", name));
        }
        lookForUnlisted(*list, stale, findings);
    }

    static std::string htmlOf(const ProjectList &list)
    {
        std::string html;
        pypi::appendIndexHtmlBegin(html);
        for (std::size_t i = 0; i < list.size(); ++i)
            pypi::appendIndexHtmlEntry(html, {list.at(i).display, list.at(i).serial}, "");
        pypi::appendIndexHtmlEnd(html, list.serial);
        return html;
    }

    // Both by name.
    void lookForUnlisted(const ProjectList &list, bool stale, std::vector<std::string> &findings) const
    {
        std::size_t at = 0;
        for (const auto &[name, page] : m_pages) {
            while (at < list.size() && list.at(at).name < name)
                ++at;
            const bool listed = at < list.size() && list.at(at).name == name;
            if (!listed && page.offered && !m_tree.servedPage(name).empty() && !isOnItsWay(name, stale))
                findings.push_back(fmt::format("{}: there is a page and the global index does not list it; `--accept-upstream` looks at all anew", name));
        }
    }

    // Whether a run is to list it, or to take its page away. `stale`: the list is to be written anew.
    bool isOnItsWay(const std::string &name, bool stale) const
    {
        if (!m_known)
            return false;
        const auto pending = m_known->pendingOf(name);
        const auto known = m_known->known(name);
        return !pending || !known || *pending || (!known->page.empty() && (stale || !known->listed));
    }

    bool isAsNew(const std::string &name, std::int64_t serial) const
    {
        const auto page = m_pages.find(name);
        return page != m_pages.end() && page->second.serial >= serial;
    }

    void packages()
    {
        std::int64_t unnamed = 0;
        forEachFile(m_web / "packages", [&](const fs::path &file) {
            const std::string path = file.lexically_relative(m_web / "packages").string();
            if (m_named.contains(path))
                return;
            ++unnamed;
            if (isForgotten(path))
                found(fmt::format("packages/{}: no page names it and the mirror does not know it; `--accept-upstream` clears it away", path));
        });
        // Files that a filter has taken out are served to the end of their time, and are no fault.
        if (unnamed > 0)
            m_tell(fmt::format("note: {} files are named by no page: on their way out, or left by a power cut", unnamed));
    }

    // What is on its way has its row before it is here, and until it is gone.
    bool isForgotten(const std::string &seen) const
    {
        if (!m_known)
            return false;
        const std::string path = pathOfFile(seen);
        const auto owners = m_known->owners({path});
        return owners && owners->empty() && (m_tree.isHere(path, false) || m_tree.isHere(path + ".metadata", false));
    }

    const Tree m_tree;
    const fs::path m_web;
    State *const m_known;
    const std::function<void(const std::string &)> &m_tell;
    Checked m_checked;
    std::set<std::string> m_named;
    std::map<std::string, Page> m_pages;
};

}  // namespace

Result<Checked> checkTree(const fs::path &root, State *known, const std::function<void(const std::string &)> &tell)
{
    if (!fs::is_directory(root / "web/simple"))
        return fail(ErrorCode::NotFound, "there is no mirror in " + root.string() + ": check --to");
    return Check(root, known, tell).run();
}

std::int64_t checkLeftovers(const fs::path &root, const std::function<void(const std::string &)> &tell)
{
    std::int64_t left = 0;
    std::error_code error;
    for (const auto &folder : fs::directory_iterator(root / "web/.tmp", error)) {
        for (const auto &one : fs::directory_iterator(folder.path(), error)) {
            ++left;
            tell(fmt::format(".tmp/{}: left by a run that was ended; the next run clears it away", fs::relative(one.path(), root / "web/.tmp").string()));
        }
    }
    return left;
}

}  // namespace cm::mirror

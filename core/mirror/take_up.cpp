// SPDX-License-Identifier: GPL-3.0-or-later
// What is on disk and not remembered: because the state was lost, or is an older one than the tree. Its pages are known from
// then on and looked at anew, so that what was withdrawn meanwhile goes as it would have gone; what no page names goes at once.
#include "core/mirror/disk.h"
#include "core/mirror/mirror.h"
#include "core/mirror/rows.h"
#include "core/mirror/status.h"
#include "core/pypi/names.h"
#include "core/pypi/status.h"

#include <boost/json.hpp>

namespace cm::mirror {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t takenAtOnce = 500;

tl::unexpected<Error> ended()
{
    return fail(ErrorCode::Cancelled, "stopped");
}

// As its owner writes it.
std::string displayOf(const fs::path &folder, const std::string &name)
{
    const auto text = wholeText(folder / "legacy.json");
    boost::system::error_code error;
    const json::value root = text ? json::parse(*text, error) : json::value();
    const json::value *display = error ? nullptr : root.find_pointer("/info/name", error);
    if (!display || !display->is_string() || pypi::normalizeName(display->get_string()) != name)
        return name;
    return std::string(display->get_string());
}

KnownFile knownOf(const Tree &tree, const std::string &project, const PageFile &file)
{
    KnownFile known{file.path, project, file.file.sha256, file.size.value_or(0), file.file.metadataSha256, FileState::Served, {}};
    std::error_code error;
    const std::uintmax_t size = fs::file_size(tree.filePath(file.path), error);
    if (!error && file.size && size != *file.size)
        known.state = FileState::Damaged;
    else if (!error)
        known.size = size;
    return known;
}

}  // namespace

bool State::isFresh() const
{
    return m_saved.empty();
}

Result<void> State::takeUp(const std::map<std::string, KnownProject> &found, Time now)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const auto &[name, project] : found) {
            CM_TRY(connection.execute("INSERT INTO projects (name, display, serial, listed, page) VALUES ($1, $2, $3, $4, $5)",
                                      {name, project.display, project.serial, project.listed, project.page}));
            // Of two pages with one file the other one is told of when it is published.
            for (const KnownFile &file : project.files)
                CM_TRY(putNewFile(connection, file, file.state));
            CM_TRY(pendAnew(connection, name, project.display, now));
        }
        return {};
    });
}

Result<void> State::countAgain()
{
    Facts now = facts();
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT (SELECT count(*) FROM projects WHERE listed),"
                                                        " (SELECT count(*) FROM files WHERE state IN (1, 4))"));
        CM_TRY(rows->next());
        now.projects = rows->integer(0);
        now.files = rows->integer(1);
        return {};
    }));
    return setFacts(now);
}

Result<void> Mirror::takeUp(const std::stop_token &stop)
{
    if (!m_state.isFresh() && !m_accepting)
        return {};
    CM_TRY_ASSIGN(const std::int64_t projects, takeUpPages(stop));
    CM_TRY_ASSIGN(const std::int64_t files, sweepUnknown(stop));
    if (projects + files > 0)
        m_log.info("mirror.taken_up", {{"projects", projects}, {"files_dropped", files}});
    // With that the state is fresh no more: a run that ended before it begins anew.
    return m_state.countAgain();
}

// Answers how many projects were not known.
Result<std::int64_t> Mirror::takeUpPages(const std::stop_token &stop)
{
    std::vector<std::string> names;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(m_tree.web() / "simple", error)) {
        std::string name = entry.path().filename().string();
        if (pypi::isNormalizedName(name) && !m_tree.servedPage(name).empty())
            names.push_back(std::move(name));
    }
    std::int64_t count = 0;
    for (std::size_t at = 0; at < names.size(); at += takenAtOnce) {
        const std::vector<std::string> some(names.begin() + static_cast<std::ptrdiff_t>(at),
                                            names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), at + takenAtOnce)));
        CM_TRY_ASSIGN(const auto known, m_state.known(some));
        std::map<std::string, KnownProject> found;
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (stop.stop_requested())
                return ended();
            if (known[i].display.empty())
                found[some[i]] = onDisk(some[i]);
        }
        CM_TRY(m_state.takeUp(found, m_started));
        count += static_cast<std::int64_t>(found.size());
    }
    return count;
}

KnownProject Mirror::onDisk(const std::string &name) const
{
    const fs::path folder = m_tree.web() / "simple" / name;
    KnownProject found;
    found.display = displayOf(folder, name);
    found.page = m_tree.servedPage(name);
    if (const auto page = servedProject(m_tree, name)) {
        found.serial = page->serial;
        found.listed = pypi::offersFiles(page->status);
        for (const PageFile &file : page->files)
            found.files.push_back(knownOf(m_tree, name, file));
    }
    return found;
}

// Files, bytes set aside and pages that nobody knows; they may have been withdrawn. Answers how many files.
Result<std::int64_t> Mirror::sweepUnknown(const std::stop_token &stop)
{
    const fs::path packages = m_tree.web() / "packages";
    std::vector<std::string> some;
    std::set<std::string> unknown;  // a file and its metadata are one
    Result<void> asked;
    const auto ask = [&]() -> Result<void> {
        if (stop.stop_requested())
            return ended();
        CM_TRY_ASSIGN(const auto owners, m_state.owners(some));
        for (const std::string &path : some) {
            if (!owners.contains(folded(path)))
                unknown.insert(path);
        }
        some.clear();
        return {};
    };
    forEachFile(packages, [&](const fs::path &file) {
        if (!asked)
            return;
        some.push_back(pathOfFile(file.lexically_relative(packages).string()));
        if (some.size() >= takenAtOnce)
            asked = ask();
    });
    CM_TRY(asked);
    CM_TRY(ask());
    for (const std::string &path : unknown)
        m_tree.dropFile(path);
    if (m_state.isFresh())
        m_tree.sweepForgotten();
    return static_cast<std::int64_t>(unknown.size());
}

// Of a tree that nobody remembers: what was set aside, and the pages that are not served.
void Tree::sweepForgotten()
{
    std::error_code error;
    std::vector<fs::path> left;
    for (const auto &entry : fs::directory_iterator(m_root / "aside", error))
        left.push_back(entry.path());
    for (const auto &shard : fs::directory_iterator(m_web / ".pages", error)) {
        if (shard.path().filename() == "index")
            continue;
        for (const auto &entry : fs::directory_iterator(shard.path(), error)) {
            const std::string page = entry.path().filename().string();
            if (servedPage(page.substr(0, page.find('.'))) != (shard.path().filename() / page).string())
                left.push_back(entry.path());
        }
    }
    for (const fs::path &path : left)
        fs::remove_all(path, error);
}

}  // namespace cm::mirror

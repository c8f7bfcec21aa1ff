// SPDX-License-Identifier: GPL-3.0-or-later
// The published files. Nobody who reads the tree sees anything half done, also after a kill at any moment or on a
// full disk: files are made under web/.tmp and renamed; the pages of a project (HTML, JSON, /pypi/NAME/json) are one
// folder that a symbolic link is turned to.
//
//   web/packages/AB/CD/…/FILE, FILE.metadata
//   web/simple/NAME      -> ../.pages/XY/NAME.SERIAL.ONCE, which has index.html, index.v1_json and legacy.json; ONCE is a number that
//                           no other has, and web servers take the serial from the name
//   web/.index           -> .pages/index/SERIAL.N, which has index.html and index.v1_json, each with its .gz
//   web/simple/index.*   -> ../.index/index.*
//   web/status.json, web/last-modified
//   aside/SHA256-PATH    what was withdrawn, until nobody will want it back; PATH is a part of the digest of its path
//
// Owned by the mirror; stage…() from any thread, place…() and bringBack() too, each project's by one at a time; the rest from
// the one that runs the mirror. Errors say what somebody can
// do; Unavailable with isFull() for a full disk.
#pragma once

#include "core/mirror/page.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cm::mirror {

// Whether the disk was full (or a quota was).
[[nodiscard]] bool isFull(const Error &error);

// The files in the folder of a project's pages, one for each form.
inline constexpr std::array pageForms{"index.html", "index.v1_json", "legacy.json"};

// By which the pages of a project are known again.
[[nodiscard]] std::string digestOf(const Rendered &pages);

// Of a path below packages/, which may be that of metadata: the file that it belongs to.
[[nodiscard]] std::string pathOfFile(std::string path);

// A new file under web/.tmp, removed with this unless it was placed. One thread.
class StagedFile {
public:
    static Result<StagedFile> create(std::string path);
    // Another name of a file that is there.
    static Result<StagedFile> link(const std::filesystem::path &file, std::string path);
    ~StagedFile();
    StagedFile(StagedFile &&other) noexcept;
    StagedFile &operator=(StagedFile &&) = delete;

    Result<void> write(std::string_view bytes);
    // Closes; with the time that web servers then tell.
    Result<void> close(Time modified);
    [[nodiscard]] const std::string &path() const { return m_path; }
    void placed() { m_path.clear(); }

private:
    StagedFile(std::string path, int fd) : m_path(std::move(path)), m_fd(fd) {}

    std::string m_path;
    int m_fd;
};

class Tree {
public:
    explicit Tree(std::filesystem::path root);
    // Makes what is missing and sweeps what a run before has left under way.
    Result<void> open();
    [[nodiscard]] const std::filesystem::path &root() const { return m_root; }
    [[nodiscard]] std::filesystem::path web() const { return m_web; }
    [[nodiscard]] std::filesystem::path filePath(std::string_view path) const { return m_web / "packages" / path; }
    [[nodiscard]] std::filesystem::path pagePath(std::string_view page) const { return m_web / ".pages" / page; }
    // The folder of pages that is served of a project; empty when none is.
    [[nodiscard]] std::string servedPage(std::string_view name) const;
    // Of its files; Time{} when none are served.
    [[nodiscard]] Time servedStamp(std::string_view name) const;

    // Making things that nobody sees yet.
    Result<StagedFile> stage();
    Result<StagedFile> stageLink(const std::filesystem::path &file);
    // Answers the folder.
    Result<std::string> stagePages(const Rendered &pages, Time modified);
    // One that gets no lasting name.
    void dropStaged(const std::string &staged);
    // Of the pages that are served of a project, as digestOf() has it; empty when one of them is missing.
    [[nodiscard]] std::string servedDigest(std::string_view name) const;
    // Gives it its lasting name, which nothing had before and nothing will have, and answers that; still unseen.
    Result<std::string> placePages(const std::string &staged, std::string_view name, std::int64_t serial);
    // Where links of pages lead; a page that has them comes later.
    Result<void> placeFile(StagedFile &staged, std::string_view path, bool metadata);

    // What was placed is on disk when this returns.
    Result<void> sync(const std::vector<std::filesystem::path> &placed);

    // The moments at which readers see a change. `page` as placePages() answered.
    Result<void> turnProject(std::string_view name, std::string_view page);
    Result<void> withdrawProject(std::string_view name);
    // On disk when this returns.
    Result<void> syncTurns();

    // Not what is served of the project now.
    void dropPages(std::string_view name, std::string_view page);
    // Folders of this project's pages but the one and what is served.
    void sweepPages(std::string_view name, std::string_view keep);
    // Folders of pages that are there, of all projects: some ten bytes of memory for each.
    [[nodiscard]] std::function<bool(std::string_view page)> pagesThere() const;
    // Where nobody remembers what was set aside, nor which pages were served before those that are.
    void sweepForgotten();
    void dropFile(std::string_view path);
    // Out of service at once; that it was done already is success.
    Result<void> setAside(std::string_view path, const std::string &sha256);
    // Whether it is there, with its metadata where it has such. A run that was killed may have moved what it has not noted.
    [[nodiscard]] bool isHere(std::string_view path, bool metadata) const;
    // Whether what was set aside has these digests still; reads it. `metadata` empty: it has none.
    [[nodiscard]] bool isWholeAside(std::string_view path, const std::string &sha256, const std::string &metadata) const;
    // False when it is not there.
    bool bringBack(std::string_view path, const std::string &sha256, bool metadata);
    void dropAside(std::string_view path, const std::string &sha256);

    // `lines` is called once and hands out every listed project in order. Both forms and their gzip are turned to together.
    using Lines = std::function<Result<void>(const std::function<void(std::string_view display, std::int64_t serial)> &)>;
    Result<void> writeIndex(std::int64_t serial, std::int64_t projects, const Lines &lines);
    // Below web/; seen as a whole. What only tells that nothing happened may be lost in a power cut: the next run says it again.
    Result<void> writeNote(std::string_view name, std::string_view text, bool durable);

private:
    Result<void> openTemps();
    [[nodiscard]] std::string tempName();
    [[nodiscard]] std::filesystem::path asidePath(std::string_view path, const std::string &sha256) const;
    void dropOlderIndexes(std::string_view page);
    Result<void> turn(const std::string &target, const std::filesystem::path &link);

    const std::filesystem::path m_root;
    const std::filesystem::path m_web;
    std::atomic<std::uint64_t> m_once;  // in the name of the last folder of pages
    std::atomic<std::uint64_t> m_temps{0};
};

}  // namespace cm::mirror

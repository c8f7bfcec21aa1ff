// SPDX-License-Identifier: GPL-3.0-or-later
// A project's page as an upstream tells it (PEP 691 JSON), and as the mirror publishes it. What comes from an upstream
// is not trusted: names, digests and addresses are held to what they may be, and a file gets a path that cannot
// leave the tree. Values, pure, any thread.
#pragma once

#include "core/pypi/metadata.h"
#include "core/pypi/simple_render.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::mirror {

struct PageFile {
    pypi::SimpleFile file;  // `url` as it stands on the upstream's page
    std::optional<std::uint64_t> size;
    std::string source;   // absolute address
    // Below packages/: as upstream's when its addresses have such a part, else made of the digest; no two of a page differ in
    // case alone.
    std::string path;
    std::string version;  // of the file's name; empty when it tells none
    std::string replaces;  // the path of other bytes that are here and are not meant any more; empty: none
};

struct ProjectPage {
    std::string name;        // normalised
    std::int64_t serial = 0;  // 0: the upstream tells none
    pypi::ProjectStatus status = pypi::ProjectStatus::Active;
    std::string statusReason;
    std::vector<std::string> versions;
    std::vector<PageFile> files;
};

// A page as it comes, in pieces: what nobody asks for in it takes no memory. `name` is what was asked for, `url` where. Errors:
// Corrupt with what is wrong; TooLarge; Unsupported for a page of another major version. One thread.
class PageReader {
public:
    PageReader(std::string name, std::string url);
    ~PageReader();
    PageReader(const PageReader &) = delete;
    PageReader &operator=(const PageReader &) = delete;

    Result<void> write(std::string_view piece);
    // `serialHeader` is the value of X-PyPI-Last-Serial or empty.
    Result<ProjectPage> finish(std::string_view serialHeader);

private:
    struct State;
    std::unique_ptr<State> m_state;
};
// The same of a page as a whole.
[[nodiscard]] Result<ProjectPage> readProjectPage(std::string_view json, std::string_view name, const std::string &url,
                                                  std::string_view serialHeader);
// The same of one that the mirror has rendered, wherever it is served.
[[nodiscard]] Result<ProjectPage> readOwnPage(std::string_view json, std::string_view name);
// As disks that know no case have a path.
[[nodiscard]] std::string folded(std::string_view path);
// A path below packages/ that nothing else has.
[[nodiscard]] std::string pathByDigest(std::string_view digest, std::string_view filename);
// A path below packages/ that may be made: segments of sane names, the last one `filename`.
[[nodiscard]] bool isSafePath(std::string_view path, std::string_view filename);

struct Rendered {
    std::string html;
    std::string json;
    std::string legacy;  // what /pypi/NAME/json answers
};
// With links relative to simple/NAME/, so that the tree may lie anywhere. `info` is the metadata of the newest release, as
// far as it is known; `display` the name as its owner writes it.
// `base` goes before /packages/ in `legacy`, whose readers take no relative links; without one a mirror of the mirror
// still reads it.
[[nodiscard]] Rendered renderProject(const ProjectPage &page, const std::string &display, const pypi::Metadata &info,
                                     const std::string &base = {});
// How much what of a release a file is counts for who wants the newest: prereleases less, yanked ones least. From 0.
[[nodiscard]] int rankOf(const PageFile &file);
// The newest version that has files, by rank first; empty when there is none.
[[nodiscard]] std::string newestVersion(const ProjectPage &page);

}  // namespace cm::mirror

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/request_head.h"
#include "core/mirror/page.h"
#include "core/pypi/filenames.h"
#include "core/pypi/json_api.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <map>

namespace cm::mirror {
namespace {

std::string linkOf(const PageFile &file)
{
    return "packages/" + http::percentEncode(file.path, "/");
}

pypi::JsonFile jsonFileOf(const PageFile &file, const std::string &base)
{
    pypi::JsonFile out;
    out.filename = file.file.filename;
    out.url = base + "/" + linkOf(file);
    const auto wheel = pypi::parseWheelName(file.file.filename);
    out.type = wheel ? pypi::PackageType::BdistWheel : pypi::PackageType::Sdist;
    out.pythonVersion = wheel ? wheel->pyversion() : "source";
    out.sha256 = file.file.sha256;
    out.metadataSha256 = file.file.metadataSha256;
    out.size = file.file.size;
    out.uploadTime = file.file.uploadTime;
    out.requiresPython = file.file.requiresPython;
    out.yanked = file.file.yanked;
    out.yankedReason = file.file.yankedReason;
    return out;
}

struct ByVersion {
    bool operator()(const std::string &a, const std::string &b) const
    {
        const auto order = pypi::compareVersions(a, b);
        return order < 0 || (order == 0 && a < b);
    }
};

}  // namespace

int rankOf(const PageFile &file)
{
    const auto version = pypi::Version::parse(file.version);
    return (file.file.yanked ? 0 : 2) + (version && !version->isPrerelease() ? 1 : 0);
}

std::string newestVersion(const ProjectPage &page)
{
    const PageFile *best = nullptr;
    for (const PageFile &file : page.files) {
        if (file.version.empty())
            continue;
        if (!best || rankOf(file) > rankOf(*best) ||
            (rankOf(file) == rankOf(*best) && pypi::compareVersions(best->version, file.version) < 0))
            best = &file;
    }
    return best ? best->version : std::string();
}

Rendered renderProject(const ProjectPage &page, const std::string &display, const pypi::Metadata &info, const std::string &base)
{
    pypi::SimpleProjectPage simple{page.name, page.serial, page.status, page.statusReason, page.versions, {}};
    pypi::JsonProject legacy;
    legacy.name = display;
    legacy.info = info;
    legacy.version = newestVersion(page);
    legacy.serial = page.serial;
    std::map<std::string, std::vector<pypi::JsonFile>, ByVersion> releases;
    for (const PageFile &file : page.files) {
        pypi::SimpleFile shown = file.file;
        shown.url = "../../" + linkOf(file);
        simple.files.push_back(std::move(shown));
        if (file.version.empty())
            continue;
        releases[file.version].push_back(jsonFileOf(file, base));
        if (file.version == legacy.version) {
            legacy.urls.push_back(jsonFileOf(file, base));
            legacy.yanked = file.file.yanked;
            legacy.yankedReason = file.file.yankedReason;
        }
    }
    if (pypi::offersFiles(page.status)) {
        for (auto &[version, files] : releases)
            legacy.releases.push_back({version, std::move(files)});
    } else {
        legacy.urls.clear();
    }
    Rendered out;
    pypi::appendProjectHtml(out.html, simple);
    pypi::appendProjectJson(out.json, simple);
    out.legacy = pypi::renderJsonApi(legacy, true);
    return out;
}

}  // namespace cm::mirror

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/json_api.h"

#include <boost/json.hpp>

namespace cm::pypi {
namespace {

namespace json = boost::json;

json::value textOrNull(const std::string &text)
{
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value listOrNull(const std::vector<std::string> &list)
{
    return list.empty() ? json::value(nullptr) : json::value(json::array(list.begin(), list.end()));
}

std::string joined(const std::vector<std::string> &list)
{
    std::string out;
    for (const std::string &item : list)
        out.append(out.empty() ? "" : ",").append(item);
    return out;
}

json::value fileJson(const JsonFile &file)
{
    const json::value metadata =
        file.metadataSha256.empty() ? json::value(false) : json::value(json::object{{"sha256", file.metadataSha256}});
    const std::string time = formatRfc3339(file.uploadTime);
    return json::object{
        {"comment_text", file.comment},
        {"core-metadata", metadata},
        {"digests", json::object{{"blake2b_256", file.blake2b256}, {"md5", file.md5}, {"sha256", file.sha256}}},
        {"downloads", -1},
        {"filename", file.filename},
        {"has_sig", false},
        {"md5_digest", file.md5},
        {"packagetype", packageTypeName(file.type)},
        {"python_version", file.type == PackageType::Sdist ? std::string("source") : file.pythonVersion},
        {"requires_python", textOrNull(file.requiresPython)},
        {"size", file.size},
        // The older field has neither fraction nor zone.
        {"upload_time", time.substr(0, time.find_first_of(".Z"))},
        {"upload_time_iso_8601", time},
        {"url", file.url},
        {"yanked", file.yanked},
        {"yanked_reason", textOrNull(file.yankedReason)},
    };
}

json::array filesJson(const std::vector<JsonFile> &files)
{
    json::array list;
    list.reserve(files.size());
    for (const JsonFile &file : files)
        list.push_back(fileJson(file));
    return list;
}

json::value projectUrlsJson(const Metadata &info)
{
    json::object urls;
    for (const std::string &entry : info.projectUrls) {
        const auto [label, url] = splitProjectUrl(entry);
        if (!label.empty() && !url.empty())
            urls[label] = url;
    }
    if (!info.homePage.empty() && !urls.contains("Homepage"))
        urls["Homepage"] = info.homePage;
    if (!info.downloadUrl.empty() && !urls.contains("Download"))
        urls["Download"] = info.downloadUrl;
    return urls.empty() ? json::value(nullptr) : json::value(urls);
}

json::object infoJson(const JsonProject &project)
{
    const Metadata &info = project.info;
    return json::object{
        {"author", info.author},
        {"author_email", info.authorEmail},
        {"bugtrack_url", nullptr},
        {"classifiers", json::array(info.classifiers.begin(), info.classifiers.end())},
        {"description", info.description},
        {"description_content_type", textOrNull(info.descriptionContentType)},
        {"docs_url", textOrNull(project.docsUrl)},
        {"download_url", info.downloadUrl},
        {"downloads", json::object{{"last_day", -1}, {"last_month", -1}, {"last_week", -1}}},
        {"dynamic", listOrNull(info.dynamic)},
        {"home_page", info.homePage},
        {"keywords", info.keywords},
        {"license", info.license},
        {"license_expression", textOrNull(info.licenseExpression)},
        {"license_files", listOrNull(info.licenseFiles)},
        {"maintainer", info.maintainer},
        {"maintainer_email", info.maintainerEmail},
        {"name", project.name},
        {"package_url", project.projectUrl},
        {"platform", textOrNull(joined(info.platforms))},
        {"project_url", project.projectUrl},
        {"project_urls", projectUrlsJson(info)},
        {"provides_extra", listOrNull(info.providesExtra)},
        {"release_url", project.releaseUrl},
        {"requires_dist", listOrNull(info.requiresDist)},
        {"requires_python", textOrNull(info.requiresPython)},
        {"summary", info.summary},
        {"version", project.version},
        {"yanked", project.yanked},
        {"yanked_reason", textOrNull(project.yankedReason)},
    };
}

}  // namespace

std::string renderJsonApi(const JsonProject &project, bool withReleases)
{
    json::object root{{"info", infoJson(project)}, {"last_serial", project.serial}};
    json::array roles;
    for (const JsonRole &role : project.roles)
        roles.push_back(json::object{{"role", role.role}, {"user", role.user}});
    root["ownership"] = json::object{{"organization", nullptr}, {"roles", std::move(roles)}};
    if (withReleases) {
        json::object releases;
        for (const JsonRelease &release : project.releases)
            releases[release.version] = filesJson(release.files);
        root["releases"] = std::move(releases);
    }
    root["urls"] = filesJson(project.urls);
    root["vulnerabilities"] = json::array();
    return json::serialize(root);
}

}  // namespace cm::pypi

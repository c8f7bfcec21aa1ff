// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the three forms of a project's page say the same.
#include "core/mirror/check.h"
#include "core/mirror/disk.h"
#include "core/mirror/tree.h"
#include "core/pypi/status.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace cm::mirror {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::object legacyOf(const ProjectPage &page, const std::string &base)
{
    return json::parse(renderProject(page, {}, {}, base).legacy).get_object();
}

// Of the release that is shown.
std::string firstUrl(const json::object &root)
{
    const json::value *urls = root.if_contains("urls");
    const json::value *first = urls && urls->is_array() && !urls->get_array().empty() ? &urls->get_array().front() : nullptr;
    const json::value *url = first && first->is_object() ? first->get_object().if_contains("url") : nullptr;
    return url && url->is_string() ? std::string(url->get_string()) : std::string();
}

// Beside the metadata of a release, which no page has. Its links begin with the address that the mirror had when it was written.
bool tellsTheSame(const std::string &legacy, const ProjectPage &page)
{
    boost::system::error_code error;
    const json::value parsed = json::parse(legacy, error);
    if (error || !parsed.is_object())
        return false;
    const json::object &told = parsed.get_object();
    const std::string url = firstUrl(told), tail = firstUrl(legacyOf(page, {}));
    const json::object wanted = legacyOf(page, url.ends_with(tail) ? url.substr(0, url.size() - tail.size()) : std::string());
    return std::ranges::all_of(std::array{"last_serial", "releases", "urls"}, [&](const char *key) {
        const json::value *one = told.if_contains(key);
        return one && *one == wanted.at(key);
    });
}

std::vector<std::string> disagreements(const std::string &name, const Rendered &forms, ProjectPage page)
{
    std::vector<std::string> out;
    for (PageFile &file : page.files)
        file.file.size = file.size.value_or(0);
    if (renderProject(page, {}, {}).html != forms.html)
        out.push_back(fmt::format("{}: its HTML is not what its JSON tells", name));
    if (!tellsTheSame(forms.legacy, page))
        out.push_back(fmt::format("{}: its /pypi/ JSON is not what its page tells", name));
    return out;
}

}  // namespace

PagesSeen lookAtPages(const fs::path &folder, const std::string &name, const std::string &digest)
{
    PagesSeen out;
    const auto json = wholeText(folder / "index.v1_json");
    const auto html = wholeText(folder / "index.html");
    const auto legacy = wholeText(folder / "legacy.json");
    if (!json || !html || !legacy) {
        out.findings.push_back(fmt::format("{}: a form of its page is missing; `--accept-upstream` makes all pages anew", name));
        return out;
    }
    const Rendered forms{*html, *json, *legacy};
    auto page = readOwnPage(*json, name);
    if (!page) {
        out.findings.push_back(fmt::format("{}: {}", name, page.error().detail));
        return out;
    }
    // Whichever version of this program wrote them: what has the bytes that it had then says what it said.
    if (digestOf(forms) != digest) {
        out.findings = disagreements(name, forms, *page);
        if (out.findings.empty() && !digest.empty())
            out.findings.push_back(fmt::format("{}: a form of its page has not the bytes that were published", name));
    }
    out.serial = page->serial;
    out.offered = pypi::offersFiles(page->status);
    out.files = std::move(page->files);
    return out;
}

}  // namespace cm::mirror

// SPDX-License-Identifier: GPL-3.0-or-later
// A registry that is mirrored, and the three ways to learn what changed there: the journal of a Cheesemonger, the change log
// over XML-RPC, the index of all projects with their serials. One thread; every call blocks on the network.
#pragma once

#include "core/mirror/fetcher.h"
#include "core/mirror/listings.h"
#include "core/mirror/page.h"

#include <optional>
#include <string>

namespace cm::mirror {

// What somebody typed, as the address of the registry with a slash at the end: ".../simple/" is taken off. InvalidInput.
[[nodiscard]] Result<std::string> registryAddress(std::string_view text);

class Upstream {
public:
    // `base` as registryAddress() answers.
    Upstream(std::string base, Fetcher &fetcher) : m_base(std::move(base)), m_fetcher(fetcher) {}

    // Unsupported when it has none.
    Result<JournalPage> journal(std::int64_t since, const std::stop_token &stop);
    Result<std::vector<JournalRow>> changelog(std::int64_t since, const std::stop_token &stop);
    Result<std::int64_t> changelogSerial(const std::stop_token &stop);

    struct Index {
        std::optional<ProjectList> list;  // nothing: as it was when it had that etag
        std::string etag;
    };
    Result<Index> index(const std::string &etag, const std::stop_token &stop);

    // Whose copy it says it is in its status.json; empty when it says nothing of that.
    Result<std::string> origin(const std::stop_token &stop);

    // NotFound when there is no such project. `fresh`: past whatever cache is in between.
    Result<ProjectPage> project(const std::string &name, bool fresh, const std::stop_token &stop);

private:
    Result<http::ClientAnswer> call(std::string body, const std::stop_token &stop);

    std::string m_base;
    Fetcher &m_fetcher;
};

}  // namespace cm::mirror

// SPDX-License-Identifier: GPL-3.0-or-later
// A whole registry over a real SQLite file and a real blob folder, both gone afterwards, and uploads
// into it as clients send them.
#pragma once

#include "core/base/hash.h"
#include "core/blobs/posix/posix_blob_store.h"
#include "core/pypi/filenames.h"
#include "core/registry/access.h"
#include "core/registry/documentation.h"
#include "core/registry/housekeeping.h"
#include "core/registry/inspector.h"
#include "core/registry/maintenance.h"
#include "core/registry/moderate.h"
#include "core/registry/pages.h"
#include "core/registry/people.h"
#include "core/registry/preflight.h"
#include "core/registry/publish.h"
#include "core/registry/query.h"
#include "core/sql/sqlite/sqlite_database.h"
#include "tests/support/make_archive.h"

#include <doctest/doctest.h>
#include <fstream>

namespace cm::registry::test {

template <class T>
T must(Result<T> result)
{
    if (!result)
        FAIL("unexpected: " << result.error().detail);
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

template <class T>
ErrorCode codeOf(const Result<T> &result)
{
    REQUIRE_FALSE(result.has_value());
    return result.error().code;
}

inline Time startTime()
{
    return *parseRfc3339("2026-11-22T09:00:00Z");
}

inline std::string readFile(const std::filesystem::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// What a client sends with `bytes`: the fields that twine derives from the archive.
struct Form {
    pypi::FormFields fields;
    std::string filename;
    std::string bytes;
    std::size_t fileAfter = 1'000'000;  // fields that come before the file

    Form(std::string name, std::string content) : filename(std::move(name)), bytes(std::move(content))
    {
        const cm::test::TempFolder folder;
        const bool wheel = filename.ends_with(".whl");
        const auto facts = archive::inspect(folder.write("file", bytes), filename,
                                            wheel ? archive::Content::Wheel : archive::Content::Sdist);
        add(":action", "file_upload");
        add("protocol_version", "1");
        add("filetype", wheel ? "bdist_wheel" : "sdist");
        add("pyversion", wheel ? must(pypi::parseWheelName(filename)).pyversion() : "source");
        add("sha256_digest", hashHex(HashKind::Sha256, bytes));
        add("blake2_256_digest", hashHex(HashKind::Blake2b256, bytes));
        if (facts && facts->metadata)
            pypi::appendFormFields(fields, must(pypi::parseMetadata(*facts->metadata)));
    }
    void add(std::string name, std::string value) { fields.emplace_back(std::move(name), std::move(value)); }
    void set(std::string_view name, std::string value)
    {
        drop(name);
        add(std::string(name), std::move(value));
    }
    void drop(std::string_view name)
    {
        std::erase_if(fields, [name](const auto &field) { return field.first == name; });
    }
};

inline Form wheelForm(std::string_view name, std::string_view version, std::string_view more = {})
{
    return {std::string(name) + "-" + std::string(version) + "-py3-none-any.whl",
            cm::test::makeWheel(name, version, more)};
}

inline Form sdistForm(std::string_view name, std::string_view version, std::string_view more = {})
{
    return {std::string(name) + "-" + std::string(version) + ".tar.gz", cm::test::makeSdist(name, version, more)};
}

struct RegistryFixture {
    cm::test::TempFolder folder;
    ManualClock clock{startTime()};
    Log log{LogLevel::Error};
    Settings settings;
    std::unique_ptr<sql::SqliteDatabase> database =
        must(sql::SqliteDatabase::open((folder.path() / "catalog.db").string()));
    std::unique_ptr<catalog::Catalog> catalog = must(catalog::Catalog::open(*database, clock));
    std::unique_ptr<blobs::PosixBlobStore> blobs =
        must(blobs::PosixBlobStore::create((folder.path() / "blobs").string()));
    NodeKey key = must(NodeKey::openOrCreate(folder.path() / "keys/node.key"));
    Changes changes{*catalog};
    Access access{*catalog, key, clock, "one-time-token-of-the-bundled-core"};
    People people{*catalog, access, key, clock, settings};
    Publisher publisher{*catalog, *blobs, changes, clock, settings};
    Documentation documentation{*catalog, *blobs, changes, clock, settings};
    Moderator moderator{*catalog, changes, clock, settings};
    Maintenance maintenance{*catalog, changes, clock};
    Browser browser{*catalog, clock, settings};
    Pages pages{*catalog, ""};
    Inspector inspector{*catalog, *blobs};
    Preflight preflight{*catalog, clock, settings};
    Housekeeping housekeeping{*catalog, *blobs, log, clock, settings};
    const Origin origin{"https upload", "request-1", "127.0.0.1"};
    const Principal root = commandLinePrincipal();

    // A person with a token that covers everything.
    Principal person(const std::string &name, catalog::RegistryRole role = catalog::RegistryRole::User)
    {
        must(people.createUser(root, {name, "", role, ""}));
        const IssuedToken token = must(people.createTokenFor(root, name, {"all", {}, 0}));
        return must(access.authenticate(bearer(token.secret), origin));
    }
    static Credentials bearer(std::string secret) { return {Credentials::Kind::Bearer, "", std::move(secret)}; }
    static Credentials basic(std::string user, std::string secret)
    {
        return {Credentials::Kind::Basic, std::move(user), std::move(secret)};
    }

    Receipt upload(const Identification &who, const Form &form)
    {
        const auto session = publisher.begin(who);
        for (std::size_t i = 0; i < form.fields.size() && i < form.fileAfter; ++i)
            session->addField(form.fields[i].first, form.fields[i].second);
        must(session->beginFile(form.filename, "application/octet-stream"));
        // In pieces, as a socket gives them.
        for (std::size_t at = 0; at < form.bytes.size() && !session->refused(); at += 60'000) {
            const std::string_view piece = std::string_view(form.bytes).substr(at, 60'000);
            must(session->append(std::as_bytes(std::span(piece))));
        }
        for (std::size_t i = form.fileAfter; i < form.fields.size(); ++i)
            session->addField(form.fields[i].first, form.fields[i].second);
        return must(session->finish());
    }
    Receipt upload(const Principal &who, const Form &form) { return upload(Identification{who, true, {}}, form); }
    // Succeeds or fails the test.
    Receipt publish(const Principal &who, const Form &form)
    {
        Receipt receipt = upload(who, form);
        if (receipt.refusal)
            FAIL("refused: " << receipt.refusal->text);
        return receipt;
    }
    std::string refusalOf(const Principal &who, const Form &form)
    {
        const Receipt receipt = upload(who, form);
        return receipt.refusal ? std::to_string(receipt.refusal->status) + " " + receipt.refusal->text : "accepted";
    }

    std::vector<std::string> journalActions(std::string_view project)
    {
        std::vector<std::string> actions;
        for (const catalog::JournalRow &row : must(browser.journal(project, 0, 0, 1000)).rows)
            actions.insert(actions.begin(), row.action);
        return actions;
    }
    catalog::AuditRow lastAudit() { return must(browser.audit(root, {})).rows.at(0); }
    std::vector<std::string> eventNames()
    {
        std::vector<std::string> names;
        for (const auto &row : must(catalog->read([](catalog::Reader &reader) { return reader.eventsSince(0, 1000); })))
            names.push_back(row.name);
        return names;
    }
    std::size_t blobCount()
    {
        std::size_t count = 0;
        must(blobs->list([&](const blobs::BlobInfo &) { return ++count > 0; }));
        return count;
    }
    // Files that lie in staging.
    std::size_t stagedCount() const
    {
        std::size_t count = 0;
        for (const auto &entry : std::filesystem::recursive_directory_iterator(folder.path() / "blobs/tmp"))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }
};

}  // namespace cm::registry::test

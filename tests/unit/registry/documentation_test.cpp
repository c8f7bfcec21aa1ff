// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of the bytes of documentation.
#include "tests/unit/registry/registry_fixture.h"

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using cm::test::makeZip;

namespace {

struct DocumentationFixture : RegistryFixture {
    Principal ada = person("ada");

    DocumentationFixture()
    {
        // Files are touched by the clock of the machine.
        clock.set(SystemClock().now());
        publish(ada, wheelForm("demo", "1.0"));
    }
    DocumentationReceipt put(const std::string &archive, std::string_view version = "1.0")
    {
        const auto upload = documentation.begin({ada, true, {}});
        upload->setProject("demo");
        upload->setVersion(std::string(version));
        must(upload->begin());
        must(upload->append(std::as_bytes(std::span(archive))));
        return must(upload->finish());
    }
    std::size_t pageCount()
    {
        std::size_t count = 0;
        must(blobs->list([&](const blobs::BlobInfo &blob) {
            count += blob.path.ends_with("/documentation") ? 1 : 0;
            return true;
        }));
        return count;
    }
    void later(std::chrono::hours hours) { clock.set(clock.now() + hours); }
};

}  // namespace

TEST_CASE_FIXTURE(DocumentationFixture, "equal pages are stored once, in one archive and from one to the next")
{
    put(makeZip({{"index.html", "same"}, {"a.html", "same"}, {"b.html", "other"}}));
    CHECK(pageCount() == 2);
    put(makeZip({{"index.html", "other"}, {"c.html", "new"}}));
    CHECK(pageCount() == 3);
    CHECK(stagedCount() == 0);
    CHECK(must(housekeeping.fsck({.rehash = true})).sound());
    CHECK(must(housekeeping.fsck()).orphans.empty());
}

TEST_CASE_FIXTURE(DocumentationFixture, "what is refused leaves nothing on the disk")
{
    auto archive = makeZip({{"index.html", "page"}, {"a.html", "damaged", true, {}, 0, 0xffff, -1, -1, {}, {}, true, true}});
    const auto refused = put(archive);
    REQUIRE(refused.refusal);
    CHECK(refused.refusal->text.find("damaged") != std::string::npos);
    CHECK(put(makeZip({{"index.html", "page"}}), "9.0").refusal->status == 404);
    CHECK(pageCount() == 0);
    CHECK(stagedCount() == 0);
}

TEST_CASE_FIXTURE(DocumentationFixture, "pages go for good when their time is over and nothing names them")
{
    put(makeZip({{"index.html", "one"}, {"kept.html", "kept"}}));
    must(documentation.remove(ada, "demo", "1.0", "wrong"));
    CHECK(documentation.page("demo", "1.0", "").error().code == ErrorCode::NotFound);
    put(makeZip({{"index.html", "two"}, {"kept.html", "kept"}}));
    CHECK(pageCount() == 3);
    later(std::chrono::hours(24 * 31));
    CHECK(must(housekeeping.purge()).blobs == 1);
    CHECK(pageCount() == 2);
    CHECK(must(housekeeping.fsck({.rehash = true})).sound());
    CHECK(must(documentation.page("demo", "1.0", "kept.html")).file.size == 4);
    CHECK(codeOf(documentation.restore(ada, "demo", "1.0", "")) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(DocumentationFixture, "of what was replaced the last can be had back, and goes first")
{
    for (const char *words : {"one", "two", "three"})
        put(makeZip({{"index.html", words}}));
    must(documentation.restore(ada, "demo", "1.0", "three was wrong"));
    CHECK(must(documentation.page("demo", "latest", "")).file.blake2b256 == hashHex(HashKind::Blake2b256, "two"));
    later(std::chrono::hours(48));
    CHECK(must(housekeeping.purge()).blobs == 1);
    CHECK(pageCount() == 2);
}

TEST_CASE_FIXTURE(DocumentationFixture, "a token that ends while the archive comes in stores nothing")
{
    const auto upload = documentation.begin({ada, true, {}});
    upload->setProject("demo");
    must(upload->begin());
    const std::string archive = makeZip({{"index.html", "late"}});
    must(upload->append(std::as_bytes(std::span(archive))));
    must(people.setUserActive(root, "ada", false, "left"));
    const auto receipt = must(upload->finish());
    REQUIRE(receipt.refusal);
    CHECK(receipt.refusal->status == 403);
    CHECK(pageCount() == 0);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/registry/registry_fixture.h"

#include <thread>

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using catalog::RegistryRole;

TEST_CASE_FIXTURE(RegistryFixture, "Real wheels go in with their rows, bytes, journal, audit and events")
{
    const Principal ada = person("ada");
    const auto wheels = cm::test::systemWheels();
    REQUIRE_FALSE(wheels.empty());
    for (const std::filesystem::path &wheel : wheels) {
        const std::string name = wheel.filename();
        const std::string project = name.substr(0, name.find('-'));
        INFO(name);
        const std::string bytes = readFile(wheel);
        const Receipt receipt = publish(ada, Form(name, bytes));
        CHECK_FALSE(receipt.repeated);
        CHECK(receipt.serial > 0);

        const auto page = must(pages.simple(project));
        REQUIRE(page.files.size() == 1);
        CHECK(page.serial == receipt.serial);
        CHECK(page.files[0].sha256 == hashHex(HashKind::Sha256, bytes));
        CHECK(page.files[0].size == bytes.size());
        CHECK(page.files[0].uploadTime == clock.now());
        const StoredFile stored = must(pages.fileAt(page.files[0].url.substr(std::string("/packages/").size())));
        CHECK(stored.offered);
        CHECK(readFile(must(blobs->absolutePath(stored.file.path))) == bytes);
        CHECK(hashHex(HashKind::Sha256, readFile(must(blobs->absolutePath(stored.file.path + ".metadata")))) ==
              page.files[0].metadataSha256);
        CHECK(must(pages.json(project)).info.name == project);
        const std::string version = page.versions.at(0);
        CHECK(journalActions(project) ==
              std::vector<std::string>{"create", "add Owner ada", "new release",
                                       "add " + stored.file.pythonVersion + " file " + name});
        CHECK(lastAudit().action == "file.upload");
        CHECK(lastAudit().actor == "ada");
        CHECK(lastAudit().subject == project + "/" + version + "/" + name);
        CHECK(lastAudit().requestId == "request-1");
        CHECK(eventNames().back() == "file.uploaded");
    }
    CHECK(must(browser.verifyAudit(root)).intact);
    CHECK(stagedCount() == 0);
    CHECK(must(housekeeping.fsck({true, false})).sound());
}

TEST_CASE_FIXTURE(RegistryFixture, "The first file fixes the release, an sdist joins it, the archive's metadata count")
{
    const Principal ada = person("ada");
    Form wheel = wheelForm("demo_lib", "1.0", "Requires-Python: >=3.9\n");
    wheel.set("name", "Demo.Lib");
    wheel.set("summary", "what the form claims");
    publish(ada, wheel);
    publish(ada, sdistForm("demo_lib", "1.0"));
    const ProjectDetail detail = must(browser.project(ada, "DEMO_lib"));
    CHECK(detail.line.project.name == "Demo.Lib");
    CHECK(detail.line.project.normalizedName == "demo-lib");
    REQUIRE(detail.releases.size() == 1);
    CHECK(detail.releases[0].files == 2);
    CHECK(detail.releases[0].release.requiresPython == ">=3.9");
    CHECK(detail.releases[0].release.summary != "what the form claims");
    REQUIRE(detail.members.size() == 1);
    CHECK(detail.members[0].role == catalog::ProjectRole::Owner);
    CHECK(refusalOf(ada, Form("demo_lib-1.0.zip", cm::test::makeSdist("demo_lib", "1.0"))) != "accepted");
    CHECK(blobCount() == 3);  // the wheel, its metadata, the sdist
}

TEST_CASE_FIXTURE(RegistryFixture, "A version is shown as PEP 440 spells it")
{
    const Principal ada = person("ada");
    publish(ada, wheelForm("demo", "v1.0"));
    publish(ada, wheelForm("demo", "1.1.ALPHA2"));
    CHECK(must(pages.simple("demo")).versions == std::vector<std::string>{"1.0", "1.1a2"});
    CHECK(must(pages.json("demo", "V1.0")).version == "1.0");
}

TEST_CASE_FIXTURE(RegistryFixture, "The same file again succeeds and changes nothing")
{
    const Principal ada = person("ada");
    const Form form = wheelForm("demo", "1.0");
    const Receipt first = publish(ada, form);
    const auto actions = journalActions("demo");
    const Receipt again = publish(ada, form);
    CHECK(again.repeated);
    CHECK(again.serial == first.serial);
    CHECK(journalActions("demo") == actions);
    CHECK(blobCount() == 2);
    CHECK(stagedCount() == 0);
    CHECK(refusalOf(ada, wheelForm("demo", "1.0", "Summary: other bytes\n"))
              .starts_with("400 File already exists ('demo-1.0-py3-none-any.whl'"));
    Form renamed = form;
    renamed.filename = "demo-1.0-py2-none-any.whl";
    CHECK(refusalOf(ada, renamed).starts_with("400 File already exists"));
}

TEST_CASE_FIXTURE(RegistryFixture, "Equal uploads at once store one file and all succeed; of unequal ones one wins")
{
    const Principal ada = person("ada");
    const Form equal = wheelForm("demo", "1.0");
    std::vector<Form> unequal;
    for (int i = 0; i < 4; ++i)
        unequal.push_back(sdistForm("demo", "1.0", "Keywords: k" + std::to_string(i) + "\n"));
    std::vector<Receipt> receipts(12);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < receipts.size(); ++i)
            threads.emplace_back([&, i] { receipts[i] = upload(ada, i < 8 ? equal : unequal[i - 8]); });
    }
    int stored = 0;
    int won = 0;
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        if (i < 8) {
            CHECK_FALSE(receipts[i].refusal.has_value());
            stored += receipts[i].repeated ? 0 : 1;
        } else {
            won += receipts[i].refusal ? 0 : 1;
        }
    }
    CHECK(stored == 1);
    CHECK(won == 1);
    // The bytes of those that lost are nobody's: the wheel, its metadata and one sdist are left.
    CHECK(blobCount() == 3);
    CHECK(must(housekeeping.fsck({})).orphans.empty());
    CHECK(must(pages.simple("demo")).files.size() == 2);
    const auto actions = journalActions("demo");
    CHECK(std::count(actions.begin(), actions.end(), "create") == 1);
    CHECK(std::count(actions.begin(), actions.end(), "new release") == 1);
    CHECK(stagedCount() == 0);
    CHECK(must(housekeeping.fsck({true, false})).sound());
}

TEST_CASE_FIXTURE(RegistryFixture, "Nobody uploads without the right to")
{
    const Principal ada = person("ada");
    const Principal eve = person("eve");
    const Principal watcher = person("watcher", RegistryRole::Observer);
    const Principal admin = person("grace", RegistryRole::Admin);
    publish(ada, wheelForm("demo", "1.0"));
    const Form next = wheelForm("demo", "2.0");
    CHECK(upload(Identification{}, next).refusal->status == 403);
    CHECK(upload(Identification{}, next)
              .refusal->text.starts_with("Invalid or non-existent authentication information."));
    CHECK(upload(Identification{std::nullopt, true, "token is expired"}, next).refusal->text ==
          "Invalid API Token: token is expired");
    CHECK(refusalOf(eve, next).starts_with("403 The user 'eve' isn't allowed to upload to project 'demo'."));
    CHECK(refusalOf(watcher, next).starts_with("403 The user 'watcher'"));
    CHECK(refusalOf(watcher, wheelForm("fresh", "1.0")).starts_with("403 The user 'watcher'"));
    Principal scoped = ada;
    scoped.scoped = true;
    scoped.projectScope = {"other"};
    CHECK(refusalOf(scoped, next).starts_with("403 The given token isn't allowed to upload to project 'demo'."));
    scoped.projectScope = {"demo"};
    publish(scoped, next);
    publish(admin, wheelForm("demo", "3.0"));
    // Names that would be taken for another's, and names of the standard library.
    CHECK(refusalOf(eve, wheelForm("dem0", "1.0"))
              .starts_with("400 The name 'dem0' is too similar to an existing project."));
    CHECK(refusalOf(eve, wheelForm("asyncio", "1.0")).find("Standard Library") != std::string::npos);
    CHECK(stagedCount() == 0);
}

TEST_CASE_FIXTURE(RegistryFixture, "Passwords upload only where the policy lets them")
{
    Principal ada = person("ada");
    ada.byPassword = true;
    settings.policies.passwordUploads = false;
    CHECK(refusalOf(ada, wheelForm("demo", "1.0"))
              .starts_with("403 Username/Password authentication is no longer supported."));
    settings.policies.passwordUploads = true;
    publish(ada, wheelForm("demo", "1.0"));
}

TEST_CASE_FIXTURE(RegistryFixture, "Digests are checked wherever the form puts them")
{
    const Principal ada = person("ada");
    const Form good = wheelForm("demo", "1.0");
    for (const char *field : {"sha256_digest", "blake2_256_digest", "md5_digest"}) {
        Form bad = good;
        bad.set(field, std::string(std::string_view(field) == "md5_digest" ? 32 : 64, 'a'));
        for (const std::size_t fileAfter : {std::size_t{0}, std::size_t{1'000'000}}) {
            bad.fileAfter = fileAfter;
            INFO(field, " with the file after ", fileAfter);
            CHECK(refusalOf(ada, bad) ==
                  "400 The digest supplied does not match a digest calculated from the uploaded file.");
        }
    }
    Form all = good;
    all.set("md5_digest", hashHex(HashKind::Md5, good.bytes));
    all.set("blake2_256_digest", hashHex(HashKind::Blake2b512, good.bytes));  // as old distutils do
    all.fileAfter = 2;
    publish(ada, all);
    CHECK(must(pages.json("demo")).urls.at(0).md5 == hashHex(HashKind::Md5, good.bytes));
    Form none = wheelForm("demo", "2.0");
    none.drop("sha256_digest");
    none.drop("blake2_256_digest");
    CHECK(refusalOf(ada, none).find("Include at least one message digest.") != std::string::npos);
}

TEST_CASE_FIXTURE(RegistryFixture, "A large file is digested by two threads to the same end")
{
    const Principal ada = person("ada");
    std::string filler(21'000'001, '\0');
    std::uint32_t state = 1;
    for (char &c : filler)
        c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
    Form form("demo-1.0-py3-none-any.whl", cm::test::makeWheel("demo", "1.0"));
    const std::string info = "demo-1.0.dist-info/";
    form.bytes = cm::test::makeZip(
        {{"demo/data.bin", filler, false},
         {info + "METADATA", cm::test::metadataText("demo", "1.0")},
         {info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
         {info + "RECORD", "demo/data.bin,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n"}});
    form.set("sha256_digest", hashHex(HashKind::Sha256, form.bytes));
    form.set("blake2_256_digest", hashHex(HashKind::Blake2b256, form.bytes));
    form.set("md5_digest", hashHex(HashKind::Md5, form.bytes));
    const Receipt receipt = publish(ada, form);
    CHECK(must(housekeeping.fsck({true, false})).sound());
    const auto stored = must(pages.json("demo")).urls.at(0);
    CHECK(stored.size == form.bytes.size());
    CHECK(stored.blake2b256 == hashHex(HashKind::Blake2b256, form.bytes));
}

TEST_CASE_FIXTURE(RegistryFixture, "Too large a file is refused while it comes in and leaves nothing in staging")
{
    const Principal ada = person("ada");
    settings.policies.fileLimit = 1 << 20;
    const auto session = publisher.begin({ada, true, {}});
    for (const auto &[name, value] : wheelForm("demo", "1.0").fields)
        session->addField(name, value);
    must(session->beginFile("demo-1.0-py3-none-any.whl", "application/octet-stream"));
    const std::vector<std::byte> piece(700'000);
    must(session->append(piece));
    CHECK_FALSE(session->refused().has_value());
    must(session->append(piece));
    REQUIRE(session->refused().has_value());
    CHECK(session->refused()->text.starts_with("File too large. Limit for project 'demo' is 1 MB."));
    CHECK(stagedCount() == 0);
    must(session->append(piece));
    CHECK(must(session->finish()).refusal->status == 400);
    CHECK(blobCount() == 0);
}

TEST_CASE_FIXTURE(RegistryFixture, "A project over its total takes no more, until an admin raises it")
{
    const Principal ada = person("ada");
    const Form first = wheelForm("demo", "1.0");
    settings.policies.projectLimit = first.bytes.size() + 10;
    publish(ada, first);
    CHECK(refusalOf(ada, wheelForm("demo", "2.0")).starts_with("400 Project size too large."));
    CHECK(publish(ada, first).repeated);
    must(moderator.setProjectLimits(root, "demo", std::nullopt, 1 << 30, "grows"));
    publish(ada, wheelForm("demo", "2.0"));
    CHECK(codeOf(moderator.setProjectLimits(root, "demo", 5, std::nullopt, "")) == ErrorCode::InvalidInput);
}

TEST_CASE_FIXTURE(RegistryFixture, "Bad input is refused with a reason and leaves nothing behind")
{
    const Principal ada = person("ada");
    const std::string good = cm::test::makeWheel("demo", "1.0");
    const std::string name = "demo-1.0-py3-none-any.whl";
    const Form form(name, good);
    const auto refused = [&](auto change) {
        Form bent = form;
        change(bent);
        bent.set("sha256_digest", hashHex(HashKind::Sha256, bent.bytes));
        bent.set("blake2_256_digest", hashHex(HashKind::Blake2b256, bent.bytes));
        const std::string text = refusalOf(ada, bent);
        CHECK(text.starts_with("400 "));
        return text;
    };
    CHECK(refused([](Form &f) { f.bytes = f.bytes.substr(0, f.bytes.size() / 2); }).find("Invalid distribution file") !=
          std::string::npos);
    CHECK(refused([](Form &f) { f.bytes.clear(); }).find("Invalid distribution file") != std::string::npos);
    CHECK(refused([](Form &f) { f.bytes = "garbage"; }).find("Invalid distribution file") != std::string::npos);
    CHECK(refused([](Form &f) { f.filename = "../demo-1.0-py3-none-any.whl"; }).find("'/'") != std::string::npos);
    CHECK(refused([](Form &f) { f.filename = "demo-1.0-py3-none-any.exe"; }).find("Invalid file extension") !=
          std::string::npos);
    CHECK(refused([](Form &f) { f.set("version", "not a version"); }) != "");
    CHECK(refused([](Form &f) { f.set("name", "-bad-"); }) != "");
    // The archive says what it is; a form that says otherwise is not believed.
    CHECK(refused([&](Form &f) { f.set("version", "9.0"); }) != "");
    CHECK(refused([&](Form &f) { f.set("name", "other"); }) != "");
    refused([](Form &f) {
        f.bytes = cm::test::makeZip(
            {{"demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: \xff\xfe\n"},
             {"demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"},
             {"demo-1.0.dist-info/RECORD", "demo-1.0.dist-info/RECORD,,\n"}});
    });

    const auto noFile = publisher.begin({ada, true, {}});
    for (const auto &[field, value] : form.fields)
        noFile->addField(field, value);
    CHECK(must(noFile->finish()).refusal->text == "Upload payload does not have a file.");

    const auto many = publisher.begin({ada, true, {}});
    for (int i = 0; i < 20'000; ++i)
        many->addField("classifiers", "x");
    CHECK(many->refused().has_value());
    CHECK(must(many->finish()).refusal->status == 400);

    const auto twice = publisher.begin({ada, true, {}});
    must(twice->beginFile(name, ""));
    must(twice->beginFile(name, ""));
    CHECK(must(twice->finish()).refusal->status == 400);

    CHECK(blobCount() == 0);
    CHECK(stagedCount() == 0);
    CHECK(must(browser.summary()).counters.projects == 0);
    CHECK(must(browser.summary()).serial == 0);
}

TEST_CASE_FIXTURE(RegistryFixture, "The repeat of an upload brings back what the disk lost")
{
    const Principal ada = person("ada");
    const Form form = wheelForm("demo", "1.0");
    publish(ada, form);
    const std::string path = must(blobs::blobPath(hashHex(HashKind::Blake2b256, form.bytes), form.filename));
    must(blobs->remove(path));
    CHECK(publish(ada, form).repeated);
    CHECK(must(blobs->stat(path)).size == form.bytes.size());
    must(blobs->remove(path + ".metadata"));
    CHECK(publish(ada, form).repeated);
    CHECK(must(blobs->stat(path + ".metadata")).size > 0);
    std::filesystem::resize_file(must(blobs->absolutePath(path)), 10);
    CHECK(publish(ada, form).repeated);
    CHECK(must(housekeeping.fsck({true, false})).sound());
    CHECK(stagedCount() == 0);
}

TEST_CASE_FIXTURE(RegistryFixture, "No text goes into rows that is not UTF-8 or has no end")
{
    const Principal ada = person("ada");
    const auto refused = [&](std::string_view field, std::string value) {
        Form form = wheelForm("demo", "1.0");
        form.set(field, std::move(value));
        return refusalOf(ada, form);
    };
    CHECK(refused("pyversion", "py3\xff").find("400 Invalid value for pyversion.") == 0);
    CHECK(refused("pyversion", std::string(1000, 'a')).find("400 Invalid value for pyversion.") == 0);
    CHECK(refused("comment", std::string(1'000'000, 'a')).find("400 Invalid value for comment.") == 0);
    CHECK(refused("name", "d" + std::string(1'000'000, '-') + "emo").find("Use 200 characters or less") !=
          std::string::npos);
    CHECK(refused("version", std::string(1'000'000, '0') + "1.0").find("Use 200 characters or less") !=
          std::string::npos);
    // The form is honest, the archive is not: its words are the ones that are kept.
    Form python = wheelForm("demo", "1.0", "Requires-Python: <script>\n");
    python.drop("requires_python");
    CHECK(refusalOf(ada, python).find("is invalid for 'requires-python'") != std::string::npos);
    Form summary = wheelForm("demo", "1.0", "Summary: " + std::string(100'000, 'x') + "\n");
    summary.drop("summary");
    CHECK(refusalOf(ada, summary).find("'summary' field must be 512") != std::string::npos);
    CHECK(blobCount() == 0);
}

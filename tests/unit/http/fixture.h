// SPDX-License-Identifier: GPL-3.0-or-later
// A real server on a free loopback port over an application that the test fills with one function.
#pragma once

#include "client.h"
#include "core/base/executor.h"
#include "core/http/server.h"

#include <atomic>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

namespace cm::http::test {

class TestApplication final : public Application {
public:
    std::function<Dispatch(const RequestHead &)> decide;
    std::function<Response(int, std::string_view)> word;  // of the server's own refusals
    std::atomic<int> finishedCount{0};
    std::atomic<int> brokenCount{0};

    Dispatch dispatch(const RequestHead &head) override { return decide(head); }
    Response refusal(const RequestHead &head, int status, std::string_view words) override
    {
        return word ? word(status, words) : Application::refusal(head, status, words);
    }
    void finished(const RequestHead &, const Exchange &exchange) override
    {
        ++finishedCount;
        if (!exchange.complete)
            ++brokenCount;
    }
};

class TempFolder {
public:
    TempFolder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "cm-http-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        m_path = name;
    }
    ~TempFolder() { std::filesystem::remove_all(m_path); }
    TempFolder(const TempFolder &) = delete;
    TempFolder &operator=(const TempFolder &) = delete;

    [[nodiscard]] std::string file(const std::string &name) const { return (m_path / name).string(); }
    std::string write(const std::string &name, const std::string &content) const
    {
        std::ofstream(file(name), std::ios::binary) << content;
        return file(name);
    }

private:
    std::filesystem::path m_path;
};

struct Fixture {
    Fixture() { application.decide = [](const RequestHead &head) -> Dispatch { return Response::text(200, head.path()); }; }

    // Call after the options and the application are as the test wants them.
    void start()
    {
        if (options.listeners.empty())
            options.listeners.push_back({"127.0.0.1:0", {}, {}});
        options.threads = 2;
        server = std::make_unique<Server>(options, application, clock, log);
        const auto started = server->start();
        REQUIRE_MESSAGE(started.has_value(), (started ? std::string() : started.error().detail));
    }
    std::uint16_t port() const { return server->port(); }

    TempFolder folder;
    ServerOptions options;
    TestApplication application;
    SystemClock clock;
    Log log{LogLevel::Error, folder.file("log")};
    Executor executor{"test", 2, 16};
    std::unique_ptr<Server> server;  // stops before what it refers to goes
};

}  // namespace cm::http::test

// SPDX-License-Identifier: GPL-3.0-or-later
// A loopback port that passes everything on to another, until it is told to cut the connection at the
// next COMMIT: the answer is lost, or the question. Made before and gone after the clients; its own
// threads.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace cm::test {

class CuttingProxy {
public:
    enum class Cut { Nothing, Question, Answer };

    explicit CuttingProxy(int target);
    ~CuttingProxy();
    CuttingProxy(const CuttingProxy &) = delete;
    CuttingProxy &operator=(const CuttingProxy &) = delete;

    [[nodiscard]] int port() const { return m_port; }
    // Once, at the next COMMIT. `closed`: from then on nobody gets through any more.
    void cutNext(Cut cut, bool closed = false);
    void open() { m_closed = false; }

private:
    void accept();
    void pass(int client);

    const int m_target;
    int m_port = 0;
    int m_listener = -1;
    std::atomic<Cut> m_cut{Cut::Nothing};
    std::atomic<bool> m_closesAfter{false};
    std::atomic<bool> m_closed{false};
    std::atomic<bool> m_stopping{false};
    std::mutex m_mutex;
    std::vector<std::thread> m_threads;
    std::thread m_acceptor;
};

}  // namespace cm::test

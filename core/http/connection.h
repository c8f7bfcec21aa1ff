// SPDX-License-Identifier: GPL-3.0-or-later
// One client: reads requests in turn, asks the application, sends the answers. A state machine on its
// worker's thread that never blocks: resume() goes as far as it can and leaves a wait behind. Kept
// alive by the worker until close(), and by jobs that still hold it.
#pragma once

#include "core/http/chunked_reader.h"
#include "core/http/transport.h"
#include "core/http/upload_feed.h"
#include "core/http/worker.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace cm::http {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Worker> worker, Socket socket, std::shared_ptr<SSL_CTX> tls, std::string address,
               bool isLoopback);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    void start();
    // Looks at the deadlines; called by the worker's sweep.
    void tick(std::int64_t nowMs);
    // No further request on this connection.
    void drain();
    // Ends it at once, whatever it is doing.
    void close();

private:
    enum class State { Handshake, Head, Body, Working, Opening, Sending, Events, Linger, Closed };
    enum class Flush { Done, Blocked, Broken };

    // What is on its way out: up to three buffers, then a piece of a file.
    struct Output {
        std::array<iovec, 3> buffers{};
        std::size_t first = 0;
        std::size_t count = 0;
        std::string head;
        std::string body;
        std::shared_ptr<const void> keep;
        std::shared_ptr<const OpenFile> file;
        std::uint64_t offset = 0;
        std::uint64_t left = 0;
        Executor *reader = nullptr;  // who reads the file into `body`, piece by piece; null: it is sent from here
        bool reading = false;        // it does so now

        void add(std::string_view bytes);
        void advance(std::size_t bytes);
    };

    // Each step goes on as long as it can: true to look at the state again, false to wait.
    void resume();
    bool stepHandshake();
    bool stepHead();
    bool stepBody();
    bool stepSend();
    bool stepEvents();
    bool stepLinger();

    void waitRead();
    void waitWrite();
    void readHead();
    void noteHeadBytes();
    void resumeSoon();
    void setDeadline(std::chrono::milliseconds after);
    void timeOut();

    // connection_head.cpp
    bool findHead();
    [[nodiscard]] bool isHopeless() const;
    void makeRoom();
    void beginRequest(std::size_t headBytes);
    void dispatchRequest();

    // connection_body.cpp
    void beginDeferred(Deferred deferred);
    void beginUpload(Upload upload);
    void collectUpload(Upload upload);
    // Asks whether the body is wanted at all, then goes on with `go` on this thread.
    void beginAdmission(Executor &executor, Admission admit, std::function<void()> go);
    void endAdmission(std::optional<Reply> refusal, const std::function<void()> &go);
    bool beginBody(std::uint64_t limit, std::string_view tooLarge);
    bool takeBytes(std::string_view bytes);
    bool takeDecoded(std::string_view bytes);
    bool readDirect();
    bool readChunked();
    bool afterRead(const IoResult &result);
    void flushChunk(bool last);
    void growBody();
    void endBody();
    void runDeferred();
    void refuseBody(int status, std::string_view words);
    void refuseBusy();
    void giveUpSink();
    Response refusal(int status, std::string_view words);
    [[nodiscard]] bool bodyIsComplete() const { return m_chunked ? m_chunked->isDone() : m_bodyLeft == 0; }
    [[nodiscard]] std::function<void()> resumer();

    // connection_reply.cpp
    void reply(Reply reply);
    void sendBaked(std::shared_ptr<const Baked> baked);
    void sendResponse(Response response);
    void sendFile(const FileRange &file);
    void openElsewhere(const FileRange &file);
    void sendOpened(const FileRange &range, Result<std::shared_ptr<const OpenFile>> file);
    void sendEvents(EventStream stream);
    void refuse(int status, std::string_view words, std::uint64_t lingerBytes, std::chrono::milliseconds lingerTime);
    void makeTail();
    void settleBody();
    void beginSending(int status);

    // connection_send.cpp
    Flush flush();
    Flush readPiece();
    void takePiece(std::string piece);
    void finishExchange();
    void nextRequest();
    void enterLinger();
    void reportExchange(bool complete);

    const std::shared_ptr<Worker> m_worker;
    Socket m_socket;
    const std::shared_ptr<SSL_CTX> m_tls;
    Transport m_transport;
    const std::string m_address;
    const bool m_isLoopback;
    const Limits &m_limits;

    State m_state = State::Head;
    bool m_readArmed = false;
    bool m_writeArmed = false;
    bool m_admitted = true;
    std::int64_t m_deadlineMs = 0;  // 0: none

    // Head: [m_begin, m_end) of m_in is unread, m_scanned of it hold no end of a head.
    std::vector<char> m_in;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::size_t m_scanned = 0;
    bool m_headBegun = false;        // since its first byte the clock of the head runs, whatever that byte is
    std::size_t m_emptyBytes = 0;    // of empty lines before the request
    std::size_t m_requestBytes = 0;  // of m_in that belong to the request in progress
    std::string m_carry;             // read together with a chunked body, belongs to the next request
    RequestHead m_head;
    char m_requestId[17] = "";
    std::uint64_t m_requests = 0;

    // The exchange in progress.
    bool m_inExchange = false;
    bool m_closeAfter = false;
    std::chrono::steady_clock::time_point m_started;
    std::uint64_t m_lingerBytes = 0;
    std::chrono::milliseconds m_lingerTime{0};
    int m_status = 0;
    std::uint64_t m_sent = 0;
    Output m_out;
    std::string m_tail;

    // Body.
    bool m_bodyTaken = false;  // what was read along with the head went its way
    std::uint64_t m_bodyLeft = 0;
    std::uint64_t m_bodyReceived = 0;
    std::uint64_t m_bodyLimit = 0;  // 0: none
    std::int64_t m_bodySinceMs = 0;
    std::int64_t m_pausedMs = 0;  // since when the sink is behind; 0: it is not
    std::string m_tooLarge;
    std::unique_ptr<ChunkedReader> m_chunked;
    std::string m_decoded;
    std::string m_body;
    std::size_t m_bodyFilled = 0;
    Deferred m_deferred;
    Reply m_reply;
    std::shared_ptr<UploadFeed> m_feed;
    std::function<std::string()> m_givenUp;  // whether to wait for it no longer
    BodyChunk m_chunk;

    // Events.
    std::shared_ptr<EventChannel> m_channel;
    bool m_eventsEnded = false;
    std::int64_t m_lastEventMs = 0;
};

}  // namespace cm::http

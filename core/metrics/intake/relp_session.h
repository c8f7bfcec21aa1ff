// SPDX-License-Identifier: GPL-3.0-or-later
// A RELP server's side of one connection: open, syslog, close. A message is acknowledged when the group of the spool
// that it was written with is on the disk. A new stream is first compared with those that have ended (see Tails): lines
// that are there already are acknowledged and not written again; until it is known which these are, lines are held
// back, at most a window of them, and with those of all other sessions no more than HeldLines allows. After a moment
// of silence what is held is acknowledged: as far as it goes these are lines that we have, whatever follows. Where what
// follows says that they were none of those, they are written then; a crash before that loses them. See Session.
#pragma once

#include "core/metrics/intake/relp_frames.h"
#include "core/metrics/intake/session.h"

#include <deque>
#include <optional>

namespace cm::metrics::intake {

class RelpSession final : public Session, Holder {
public:
    explicit RelpSession(SessionSurroundings surroundings) : m_with(std::move(surroundings)) {}

    State take(std::string_view &bytes) override;
    State durable(std::int64_t place, std::string &out) override;
    void quiet() override;
    void stopped() override;
    bool isSucceededBy(std::uint64_t digest) override;
    void ended(std::string_view left) override;
    void leaving(std::string &out) override;
    [[nodiscard]] bool acknowledges() const override { return true; }
    [[nodiscard]] bool isOpen() const override { return m_stream && !m_closing; }
    [[nodiscard]] bool within(std::string_view left) const override { return !m_stream || m_frames.within(left); }
    [[nodiscard]] std::uint64_t unacknowledged() const override;
    [[nodiscard]] std::uint64_t answered() const override { return m_answered; }
    [[nodiscard]] bool isDone() const override { return m_closing && !m_stream; }
    [[nodiscard]] std::string_view complaint() const override { return m_complaint; }

private:
    // Of messages that follow each other.
    struct Numbers {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::int64_t place = 0;  // acknowledged when this is on disk
    };
    struct Held {
        std::uint32_t number = 0;
        std::string text;
        bool refused = false;
    };

    [[nodiscard]] std::size_t heldBytes() const override { return m_heldBytes; }
    void letGo() override;
    State answer(const RelpFrame &frame);
    State open(const RelpFrame &frame);
    State line(const RelpFrame &frame);
    State broken(std::string_view complaint);
    void begin(std::uint64_t digest);
    void settle();
    void dropHeld();
    void keep(const Entry &entry);
    void append();
    void noteNumber(std::uint32_t number);
    void awaitDisk(std::int64_t place);

    SessionSurroundings m_with;
    RelpFrames m_frames;
    std::optional<std::uint32_t> m_stream;  // once it is open
    bool m_begun = false;                   // with a first line
    std::optional<Repeats> m_repeats;       // from then on until it is decided
    std::vector<Held> m_held;
    std::size_t m_heldBytes = 0;
    std::size_t m_told = 0;  // of the held ones: acknowledged, or on their way to that
    std::vector<std::uint64_t> m_successors;  // the first lines of streams that began since the last line of this one
    std::vector<Numbers> m_unplaced;  // of the block that is being filled
    std::deque<Numbers> m_waiting;    // for the disk
    std::string m_answers;            // to other commands, in turn with acknowledgements
    std::optional<std::uint32_t> m_closing;  // number of the close
    bool m_refused = false;
    std::uint64_t m_answered = 0;
    std::string_view m_complaint;
};

}  // namespace cm::metrics::intake

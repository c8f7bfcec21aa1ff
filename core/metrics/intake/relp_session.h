// SPDX-License-Identifier: GPL-3.0-or-later
// A RELP server's side of one connection: open, syslog, close. A message is acknowledged when the group of the spool
// that it was written with is on the disk. A new stream is first compared with those that have ended (see Tails): lines
// that are there already are acknowledged and not written again; until it is known which these are, lines are held
// back, at most a window of them, and with those of all other sessions no more than HeldLines allows. See Session.
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
    void ended(std::string_view left) override;
    void leaving(std::string &out) override;
    [[nodiscard]] bool acknowledges() const override { return true; }
    [[nodiscard]] bool isOpen() const override { return m_stream && !m_closing; }
    [[nodiscard]] bool within(std::string_view left) const override { return !m_stream || m_frames.within(left); }
    [[nodiscard]] std::uint64_t unacknowledged() const override;

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
    void settle();
    void dropHeld();
    void keep(std::uint32_t number, const Entry &entry);
    void append();
    void noteNumber(std::uint32_t number);

    SessionSurroundings m_with;
    RelpFrames m_frames;
    std::optional<std::uint32_t> m_stream;  // once it is open
    std::optional<Repeats> m_repeats;       // until it is decided
    std::vector<Held> m_held;
    std::size_t m_heldBytes = 0;
    std::vector<Numbers> m_unplaced;  // of the block that is being filled
    std::deque<Numbers> m_waiting;    // for the disk
    std::string m_answers;            // to other commands, in turn with acknowledgements
    std::optional<std::uint32_t> m_closing;  // number of the close
    bool m_refused = false;
};

}  // namespace cm::metrics::intake

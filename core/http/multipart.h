// SPDX-License-Identifier: GPL-3.0-or-later
// A streaming reader of multipart/form-data (RFC 7578, RFC 2046) that takes what real uploaders
// send: CRLF or bare LF, a preamble, `filename=` without a space before it, parts without a content
// type, the file last or in the middle. Feed it chunks of any size; it calls the handler in order
// and keeps no more than one part's head and the tail of a chunk. One thread; needs no server.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm::http {

struct PartHead {
    std::string name;
    std::string fileName;     // empty: no file name was sent
    bool hasFileName = false;
    std::string contentType;  // empty: none was sent
};

class MultipartHandler {
public:
    virtual ~MultipartHandler() = default;
    // A failure ends the reading and is what feed() returns.
    virtual Result<void> partBegin(const PartHead &part) = 0;
    virtual Result<void> partData(std::span<const std::byte> bytes) = 0;
    virtual Result<void> partEnd() = 0;
};

struct MultipartLimits {
    std::size_t parts = 1'000;
    std::size_t headBytes = 16 * 1024;        // of one part
    std::size_t fieldBytes = 8 * 1024 * 1024;  // of one part without a file name
};

class MultipartReader {
public:
    // `boundary` as boundaryOf() gives it.
    MultipartReader(std::string_view boundary, MultipartHandler &handler, MultipartLimits limits = {});

    // InvalidInput for what is no such form, TooLarge for one over a limit; the detail is a sentence
    // for the uploader. After a failure every further call repeats it.
    [[nodiscard]] Result<void> feed(std::span<const std::byte> bytes);
    // Fails when the closing boundary has not come.
    [[nodiscard]] Result<void> finish();
    [[nodiscard]] std::size_t parts() const { return m_parts; }

    // The boundary parameter of a multipart/form-data content type.
    [[nodiscard]] static Result<std::string> boundaryOf(std::string_view contentType);

private:
    enum class State { Preamble, Head, Data, Epilogue };
    enum class Ending { Part, Last, None, NeedMore };

    Result<void> run();
    Result<bool> stepPreamble();
    Result<bool> stepHead();
    Result<bool> stepData();
    Result<void> emit(std::size_t count);
    Result<void> beginPart(std::string_view lines);
    Ending endingOf(std::string_view afterBoundary, std::size_t &length);
    [[nodiscard]] std::size_t plainPrefix() const;

    std::string m_boundary;   // "--boundary"
    std::string m_delimiter;  // with the line end before it, in the manner of the first boundary line
    MultipartHandler &m_handler;
    MultipartLimits m_limits;
    State m_state = State::Preamble;
    std::string m_kept;       // the undecided end of the chunk before
    std::string_view m_rest;  // what is being read
    std::size_t m_preambleBytes = 0;
    std::size_t m_parts = 0;
    std::size_t m_fieldBytes = 0;
    bool m_lineStart = true;
    PartHead m_part;
    Result<void> m_failure;
};

}  // namespace cm::http

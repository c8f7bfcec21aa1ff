// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mail/smtp.h"

#include "core/base/loopback.h"

#include <algorithm>
#include <curl/curl.h>
#include <fmt/format.h>
#include <memory>
#include <string_view>

// Renamed in 8.2, the older name is deprecated there.
#if LIBCURL_VERSION_NUM >= 0x080200
#define CM_CURL_SOME_RECIPIENTS CURLOPT_MAIL_RCPT_ALLOWFAILS
#else
#define CM_CURL_SOME_RECIPIENTS CURLOPT_MAIL_RCPT_ALLLOWFAILS
#endif

namespace cm::mail {
namespace {

constexpr long connectSeconds = 5;
constexpr long wholeSeconds = 30;
constexpr std::size_t maxReply = 200;

// What has been said so far: by whom a refusal was meant is told by nothing but the order.
struct Talk {
    std::string_view message;
    std::size_t sent = 0;
    const std::stop_token &stop;
    std::string recipient;  // the one whose answer is awaited
    std::vector<Refused> refused;
    std::string reply;  // the last refusal
};

std::string printable(std::string_view line)
{
    std::string out;
    for (const char c : line.substr(0, std::min(line.size(), maxReply))) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20)
            out += byte < 0x7f ? c : '?';
    }
    return out;
}

std::size_t readMessage(char *buffer, std::size_t size, std::size_t count, void *context)
{
    Talk &talk = *static_cast<Talk *>(context);
    const std::string_view rest = talk.message.substr(talk.sent);
    const std::size_t bytes = std::min(rest.size(), size * count);
    std::copy_n(rest.data(), bytes, buffer);
    talk.sent += bytes;
    return bytes;
}

int wantsToStop(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<Talk *>(context)->stop.stop_requested() ? 1 : 0;
}

// Of what we say only recipients are looked at; passwords go by here as well.
int overhear(CURL *, curl_infotype type, char *data, std::size_t size, void *context)
{
    constexpr std::string_view recipient = "RCPT TO:<";
    Talk &talk = *static_cast<Talk *>(context);
    const std::string_view line(data, size);
    if (type == CURLINFO_HEADER_OUT) {
        const auto end = line.find('>');
        talk.recipient = line.starts_with(recipient) && end != std::string_view::npos
                             ? std::string(line.substr(recipient.size(), end - recipient.size()))
                             : std::string();
    } else if (type == CURLINFO_HEADER_IN && !line.empty() && (line[0] == '4' || line[0] == '5')) {
        talk.reply = printable(line);
        // A refusal of several lines is one.
        if (!talk.recipient.empty())
            talk.refused.push_back({std::exchange(talk.recipient, {}), talk.reply});
    }
    return 0;
}

struct List {
    curl_slist *head = nullptr;
    ~List() { curl_slist_free_all(head); }
};

ErrorCode codeOf(CURLcode outcome, long reply)
{
    switch (outcome) {
    case CURLE_LOGIN_DENIED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
        return ErrorCode::Unauthorized;
    case CURLE_OPERATION_TIMEDOUT:
        return ErrorCode::Timeout;
    case CURLE_ABORTED_BY_CALLBACK:
        return ErrorCode::Cancelled;
    default:
        return reply >= 500 && reply < 600 ? ErrorCode::InvalidInput : ErrorCode::Unavailable;
    }
}

std::string_view hostOf(std::string_view url)
{
    const auto scheme = url.find("://");
    url.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
    if (url.starts_with('['))
        return url.substr(1, std::min(url.find(']'), url.size()) - 1);
    return url.substr(0, url.find_first_of(":/"));
}

}  // namespace

Result<void> checkServer(const SmtpServer &server)
{
    const bool scheme = server.url.starts_with("smtp://") || server.url.starts_with("smtps://");
    const bool plain = std::all_of(server.url.begin(), server.url.end(),
                                   [](char c) { return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f; });
    // A password in an address would be in every error about it.
    if (!scheme || !plain || hostOf(server.url).empty() || server.url.find('@') != std::string::npos)
        return fail(ErrorCode::InvalidInput, fmt::format("{} is no address like smtp://mail.example.org:587", printable(server.url)));
    return {};
}

bool isLoopback(const std::string &serverUrl)
{
    return isLoopbackHost(hostOf(serverUrl));
}

Result<std::vector<Refused>> sendMail(const SmtpServer &server, const std::string &from, const std::vector<std::string> &to,
                                      const std::string &message, const std::stop_token &stop)
{
    CM_TRY(checkServer(server));
    // Once for the process, which libcurl wants before its threads begin to use it.
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, void (*)(CURL *)> handle(ready == CURLE_OK ? curl_easy_init() : nullptr, curl_easy_cleanup);
    if (!handle)
        return fail(ErrorCode::Internal, "libcurl does not start");
    Talk talk{message, 0, stop, {}, {}, {}};
    List recipients;
    for (const std::string &address : to)
        recipients.head = curl_slist_append(recipients.head, fmt::format("<{}>", address).c_str());
    CURL *curl = handle.get();
    const std::string sender = fmt::format("<{}>", from);
    char problem[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_URL, server.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     static_cast<long>(server.tls == SmtpServer::Tls::Required ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (!server.caFile.empty())
        curl_easy_setopt(curl, CURLOPT_CAINFO, server.caFile.c_str());
    if (!server.user.empty()) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
    }
    // The environment's proxies are for the web.
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connectSeconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, wholeSeconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, static_cast<char *>(problem));
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.head);
    curl_easy_setopt(curl, CM_CURL_SOME_RECIPIENTS, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, readMessage);
    curl_easy_setopt(curl, CURLOPT_READDATA, &talk);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, wantsToStop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &talk);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, overhear);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &talk);
    const CURLcode outcome = curl_easy_perform(curl);
    if (outcome == CURLE_OK)
        return std::move(talk.refused);
    long reply = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    const std::string_view what = problem[0] != '\0' ? problem : curl_easy_strerror(outcome);
    return fail(codeOf(outcome, reply), talk.reply.empty() ? fmt::format("{}: {}", hostOf(server.url), printable(what))
                                                           : fmt::format("{} says {}", hostOf(server.url), talk.reply));
}

}  // namespace cm::mail

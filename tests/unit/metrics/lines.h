// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of lines share: the recorded cases, and one sound line with something else in one field. Pure.
#pragma once

#include "core/metrics/parser.h"

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace cm::metrics::test {

inline const std::string pipUserAgent = R"(pip/20.1 {"installer":{"name":"pip","version":"20.1"},"python":"3.8.2"})";
// The day after the lines' own.
inline const Time arrival{std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)};

struct DownloadLine {
    std::string time = "Fri, 20 Jul 2018 02:19:19 GMT";
    std::string country = "JP";
    std::string url = "/packages/ba/c8/x/cfn_flip-1.0.3.tar.gz";
    std::string tls = "TLSv1.2|ECDHE-RSA-AES128-GCM-SHA256";
    std::string project = "cfn-flip";
    std::string version = "1.0.3";
    std::string type = "sdist";
    std::string userAgent = pipUserAgent;

    [[nodiscard]] std::string text() const
    {
        return "download|" + time + "|" + country + "|" + url + "|" + tls + "|" + project + "|" + version + "|" + type + "|" + userAgent;
    }
};

// The lines of a file of tests/data, each an object.
inline std::vector<boost::json::object> casesOf(const std::string &file)
{
    std::ifstream stream(std::string(CHEESEMONGER_TEST_DATA) + "/" + file);
    std::vector<boost::json::object> cases;
    for (std::string line; std::getline(stream, line);)
        cases.push_back(boost::json::parse(line).as_object());
    return cases;
}

}  // namespace cm::metrics::test

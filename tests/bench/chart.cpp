// SPDX-License-Identifier: GPL-3.0-or-later
// From a server's answer to the painted chart of downloads: bench_chart FILE, the JSON of an answer. Prints the median
// milliseconds for reading it, laying it out and painting it, in JSON.
#include "core/api/codec.h"
#include "ui/theme/theme.h"
#include "ui/widgets/download_chart.h"

#include <QApplication>
#include <QFile>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

int main(int argc, char **argv)
{
    using namespace cm;
    QApplication application(argc, argv);
    QFile file(argc == 2 ? QString::fromLocal8Bit(argv[1]) : QString());
    if (!file.open(QIODevice::ReadOnly)) {
        std::fprintf(stderr, "usage: bench_chart FILE\n");
        return 2;
    }
    const std::string answer = file.readAll().toStdString();
    ui::Theme(application).apply(ui::Theme::Scheme::Dark);
    ui::DownloadChart chart(QStringLiteral("downloads"));
    chart.resize(1200, 700);
    chart.show();
    std::vector<double> milliseconds;
    for (int i = 0; i < 21; ++i) {
        const auto began = std::chrono::steady_clock::now();
        const auto series = api::fromJsonText<api::DownloadSeries>(answer);
        if (!series) {
            std::fprintf(stderr, "bench_chart: %s\n", series.error().detail.c_str());
            return 1;
        }
        chart.setSeries(api::DownloadSplit::Country, *series, true);
        const QPixmap painted = chart.grab();
        milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
    }
    std::nth_element(milliseconds.begin(), milliseconds.begin() + 10, milliseconds.end());
    std::printf("{\"ms\": %.2f}\n", milliseconds[10]);
    return 0;
}

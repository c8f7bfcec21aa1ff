// SPDX-License-Identifier: GPL-3.0-or-later
// How long a refresh of the Projects page takes, from the call to the painted rows:
//   bench_list URL < token
// Prints {"refresh_ms": median, "first_ms": until the first rows stood there}.
#include "tests/ui/quiet_shell.h"
#include "ui/client/connection.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/profiles.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/models/lazy_window_model.h"
#include "ui/pages/projects/projects_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/data_table.h"

#include <QApplication>
#include <QElapsedTimer>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace cm;
using namespace cm::ui;

// Refreshes `rounds` times, one after the other, and reports when the last is painted.
class Rounds : public QObject {
public:
    Rounds(ProjectsPage &page, DataTable &table, LazyWindowModel &model) : m_page(page), m_table(table)
    {
        m_clock.start();
        connect(&model, &LazyWindowModel::loaded, this, &Rounds::onLoaded);
        connect(&model, &LazyWindowModel::failed, this, [](const Error &error) {
            std::fprintf(stderr, "bench_list: %s\n", error.detail.c_str());
            QCoreApplication::exit(1);
        });
    }

private:
    void onLoaded()
    {
        m_table.viewport()->repaint();
        m_times.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
        if (m_times.size() > rounds) {
            report();
            return;
        }
        QMetaObject::invokeMethod(this, [this] {
            m_clock.restart();
            m_page.refresh();
        }, Qt::QueuedConnection);
    }

    void report()
    {
        const double first = m_times.front();
        std::sort(m_times.begin() + 1, m_times.end());
        std::printf("{\"refresh_ms\": %.3f, \"first_ms\": %.3f}\n", m_times[1 + rounds / 2], first);
        QCoreApplication::exit(0);
    }

    static constexpr std::size_t rounds = 31;
    ProjectsPage &m_page;
    DataTable &m_table;
    QElapsedTimer m_clock;
    std::vector<double> m_times;
};

}  // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    std::string token;
    std::getline(std::cin, token);
    if (argc != 2 || token.empty()) {
        std::fprintf(stderr, "usage: bench_list URL < token\n");
        return 2;
    }
    const SystemClock clock;
    Theme theme(application);
    Wire wire;
    HttpAdminClient client(wire);
    Connection connection(client, &wire, nullptr, clock);
    UploadClient uploads(wire);
    Profiles profiles(nullptr);
    Secrets secrets(false);
    QuietShell shell;
    connection.connectTo(Profile{}, QUrl(QString::fromLocal8Bit(argv[1])), QByteArray::fromStdString(token));
    ProjectsPage page(PageContext{client, connection, uploads, profiles, secrets, theme, clock, shell});
    page.resize(1200, 800);
    // The page has more tables than the list.
    auto *table = page.findChild<DataTable *>(QStringLiteral("projects"));
    auto *model = table ? qobject_cast<LazyWindowModel *>(table->table()) : nullptr;
    if (!model) {
        std::fprintf(stderr, "bench_list: the page has no lazy table\n");
        return 1;
    }
    const Rounds measure(page, *table, *model);
    page.show();
    page.activate(Route::parse(QStringLiteral("projects")));
    return QApplication::exec();
}

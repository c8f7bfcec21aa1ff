// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/render_scenes.h"

#include "ui/shell/page.h"
#include "ui/shell/page_stack.h"
#include "ui/widgets/action_sheet.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QUrl>

#include <array>

namespace cm::desktop {

namespace {

void trigger(ui::MainWindow &window, const QString &text)
{
    for (QAction *action : window.pages().current()->findChildren<QAction *>()) {
        if (action->isEnabled() && action->text().remove(QLatin1Char('&')) == text) {
            action->trigger();
            return;
        }
    }
}

// Types into the fields of the open sheet, in their order.
void fill(ui::MainWindow &window, const QString &reason, const QString &typed)
{
    const auto *sheet = window.findChild<ui::ActionSheet *>();
    if (!sheet)
        return;
    for (QPlainTextEdit *edit : sheet->findChildren<QPlainTextEdit *>())
        edit->setPlainText(reason);
    for (QLineEdit *line : sheet->findChildren<QLineEdit *>()) {
        if (line->isVisible()) {
            line->setText(typed);
            return;
        }
    }
}

// Opens the sheet of an act on the chosen node and fills it in.
std::function<void(ui::MainWindow &)> act(const QString &text, const QString &reason = QStringLiteral("db1 gets a new disk tonight"), const QString &typed = {})
{
    return [text, reason, typed](ui::MainWindow &window) {
        trigger(window, text);
        fill(window, reason, typed);
    };
}

// Opens the sheet of a purge: `what` as it stands in the list, from the top.
std::function<void(ui::MainWindow &)> purge(const QString &text, int what, bool hard)
{
    return [text, what, hard](ui::MainWindow &window) {
        trigger(window, text);
        const auto *sheet = window.findChild<ui::ActionSheet *>();
        if (!sheet)
            return;
        sheet->findChild<QComboBox *>()->setCurrentIndex(what);
        sheet->findChild<QCheckBox *>()->setChecked(hard);
        for (QPlainTextEdit *edit : sheet->findChildren<QPlainTextEdit *>())
            edit->setPlainText(QStringLiteral("pages of the wrong form were served since noon"));
    };
}

void showTab(ui::MainWindow &window, int tab)
{
    if (auto *tabs = window.pages().current()->findChild<QTabWidget *>())
        tabs->setCurrentIndex(tab);
}

std::function<void(ui::MainWindow &)> choose(const QString &box, const QString &choice)
{
    return [box, choice](ui::MainWindow &window) {
        for (QComboBox *one : window.pages().current()->findChildren<QComboBox *>()) {
            if (one->accessibleName() == box)
                one->setCurrentText(choice);
        }
    };
}

void compare(ui::MainWindow &window)
{
    for (QLineEdit *field : window.pages().current()->findChildren<QLineEdit *>()) {
        if (field->accessibleName() != QStringLiteral("Projects, with commas between"))
            continue;
        field->setText(QStringLiteral("geoflux, cheddar, stilton"));
        Q_EMIT field->returnPressed();
    }
    choose(QStringLiteral("Drawn as"), QStringLiteral("Lines, log scale"))(window);
}

// What Overview has to tell within five seconds.
constexpr std::array faults{"all-well",       "db2-disconnected", "split-brain", "cannot-see-db1",  "pgpools-disagree", "no-quorum",
                            "certificate-old", "read-only-database", "web2-down", "fallback-serving", "cdn-stale",
                            // Recorded in the lab: tests/lab/scenes.py.
                            "primary-killed", "primary-killed-just-now", "standby-killed", "slot-lost", "databases-away", "disk-full", "web-killed",
                            "webs-killed"};

QString copied(const QString &from, const QString &work)
{
    const QString path = work + QStringLiteral("/bitreader-2.2.0-py3-none-any.whl");
    QFile::copy(from + QStringLiteral("/upload/bitreader-2.2.0-py3-none-any.whl"), path);
    return path;
}

QString copiedDocs(const QString &from, const QString &work)
{
    const QString path = work + QStringLiteral("/geoflux-docs.zip");
    QFile::copy(from + QStringLiteral("/upload/geoflux-docs.zip"), path);
    return path;
}

QString broken(const QString &work)
{
    const QString path = work + QStringLiteral("/bitreader-2.2.0.tar.gz");
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write("cut off on its way");
    return path;
}

}  // namespace

bool isFault(const Scene &scene)
{
    return scene.route.page == QLatin1String("overview") && !scene.play && !scene.monitor.isEmpty() && scene.monitor != QLatin1String("none") &&
        !scene.monitor.startsWith(QLatin1String("action-"));
}

QList<Scene> scenes(const QString &recorded, const QString &work)
{
    const ui::Route project = ui::Route::parse(QStringLiteral("project/geoflux"));
    const ui::Route docs = ui::Route::parse(QStringLiteral("project/geoflux/docs"));
    QList<Scene> all{
        {QStringLiteral("upload_files"), ui::Route{QStringLiteral("upload"), {}},
         [recorded, work](ui::MainWindow &window) {
             for (const QString &path : {copied(recorded, work), broken(work)})
                 window.go({QStringLiteral("upload"), path});
         }},
        {QStringLiteral("upload_docs"), ui::Route{QStringLiteral("upload"), {}},
         [recorded, work](ui::MainWindow &window) { window.go({QStringLiteral("upload"), copiedDocs(recorded, work)}); }},
        {QStringLiteral("sheet_docs"), docs,
         [recorded, work](ui::MainWindow &window) { window.pages().dropFiles({QUrl::fromLocalFile(copiedDocs(recorded, work))}); }},
        {QStringLiteral("sheet_docs-remove"), docs,
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Remove documentation\u2026"));
             fill(window, QStringLiteral("built from the wrong branch"), {});
         }},
        {QStringLiteral("sheet_quarantine"), project,
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Quarantine\u2026"));
             fill(window, QStringLiteral("1.2.0 reads environment variables on import"), {});
         }},
        {QStringLiteral("sheet_delete"), project,
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Delete project\u2026"));
             fill(window, QStringLiteral("asked for by its owner"), QStringLiteral("geoflux"));
         }},
        {QStringLiteral("my-projects_token"), ui::Route{QStringLiteral("my-projects"), {}},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("New token\u2026"));
             fill(window, {}, QStringLiteral("build machine"));
             if (auto *sheet = window.findChild<ui::ActionSheet *>())
                 Q_EMIT sheet->confirmed();
         }},
        {QStringLiteral("my-projects_key"), ui::Route{QStringLiteral("my-projects"), {}},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Add ssh key\u2026"));
             const auto *sheet = window.findChild<ui::ActionSheet *>();
             for (QPlainTextEdit *key : sheet ? sheet->findChildren<QPlainTextEdit *>() : QList<QPlainTextEdit *>())
                 key->setPlainText(QStringLiteral("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8ZQYvnkZzs1yP1y9rAvwF7dBSEXJ1sTzN6VXW8K2cd lea@laptop"));
         }},
        {QStringLiteral("person_freeze"), ui::Route{QStringLiteral("person"), QStringLiteral("mira")},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Freeze\u2026"));
             fill(window, QStringLiteral("the account was taken over"), {});
         }},
        {QStringLiteral("person_keys"), ui::Route{QStringLiteral("person"), QStringLiteral("local/keys")}, [](ui::MainWindow &) {}},
        {QStringLiteral("deprecations_brown-out"), ui::Route{QStringLiteral("deprecations"), {}}, {}, {}, QStringLiteral("brown-out")},
        {QStringLiteral("deprecations_messages"), ui::Route{QStringLiteral("deprecations"), {}}, [](ui::MainWindow &window) { showTab(window, 1); }},
        {QStringLiteral("deprecations_answers"), ui::Route{QStringLiteral("deprecations"), {}}, [](ui::MainWindow &window) { showTab(window, 2); }},
        {QStringLiteral("deprecations_mentions"), ui::Route{QStringLiteral("deprecations"), {}},
         [](ui::MainWindow &window) {
             showTab(window, 3);
             trigger(window, QStringLiteral("Search the texts now"));
         }},
        {QStringLiteral("deprecations_report"), ui::Route{QStringLiteral("deprecations"), {}}, [](ui::MainWindow &window) { showTab(window, 4); }},
        {QStringLiteral("deprecations_calendar"), ui::Route{QStringLiteral("deprecations"), {}}, [](ui::MainWindow &window) { showTab(window, 5); }},
        {QStringLiteral("deprecations_schedule"), ui::Route{QStringLiteral("deprecations"), {}},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Schedule brown-out\u2026"));
             if (const auto *sheet = window.findChild<ui::ActionSheet *>()) {
                 for (QPlainTextEdit *edit : sheet->findChildren<QPlainTextEdit *>())
                     edit->setPlainText(QStringLiteral("an hour, to see what breaks"));
             }
         }},
        {QStringLiteral("deprecations_propose"), ui::Route{QStringLiteral("deprecations"), {}},
         [](ui::MainWindow &window) { trigger(window, QStringLiteral("Propose a deprecation\u2026")); }},
        {QStringLiteral("incidents_acknowledge"), ui::Route{QStringLiteral("incidents"), QStringLiteral("acknowledge/41")},
         [](ui::MainWindow &window) { fill(window, QStringLiteral("dana is on it, db2 was paused for a dump"), {}); }},
        {QStringLiteral("incidents_silence"), ui::Route{QStringLiteral("incidents"), {}},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Silence\u2026"));
             fill(window, QStringLiteral("planned work on db2"), {});
         }},
        {QStringLiteral("nodes_pools"), ui::Route{QStringLiteral("nodes"), {}}, [](ui::MainWindow &window) { showTab(window, 1); },
         QStringLiteral("pgpools-disagree")},
        {QStringLiteral("nodes_last-30-days"), ui::Route{QStringLiteral("nodes"), QStringLiteral("tab/availability")}, {}},
        {QStringLiteral("incidents_silences"), ui::Route{QStringLiteral("incidents"), {}}, [](ui::MainWindow &window) { showTab(window, 1); }},
        {QStringLiteral("incidents_certificate-old"), ui::Route{QStringLiteral("incidents"), {}}, {}, QStringLiteral("certificate-old")},
        {QStringLiteral("nodes_unwatched"), ui::Route{QStringLiteral("nodes"), QStringLiteral("tab/unwatched")}, {}},
        {QStringLiteral("sheet_switch-over"), ui::Route{QStringLiteral("nodes"), QStringLiteral("db2")}, act(QStringLiteral("Switch over to this\u2026")),
         QStringLiteral("plan-switch-over")},
        {QStringLiteral("sheet_promotion-refused"), ui::Route{QStringLiteral("replication"), {}}, act(QStringLiteral("Promote\u2026")),
         QStringLiteral("plan-promotion-refused")},
        {QStringLiteral("sheet_drain"), ui::Route{QStringLiteral("nodes"), QStringLiteral("web2")}, act(QStringLiteral("Drain\u2026")),
         QStringLiteral("plan-drain")},
        {QStringLiteral("sheet_rejoin"), ui::Route{QStringLiteral("nodes"), QStringLiteral("db2")}, act(QStringLiteral("Rejoin\u2026")),
         QStringLiteral("plan-rejoin")},
        {QStringLiteral("nodes_cdn"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, {}},
        {QStringLiteral("nodes_mirror"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")}, {}},
        {QStringLiteral("nodes_files"), ui::Route{QStringLiteral("nodes"), QStringLiteral("fs1")}, {}, QStringLiteral("files-healing")},
        {QStringLiteral("nodes_files-split"), ui::Route{QStringLiteral("nodes"), QStringLiteral("fs1")}, {}, QStringLiteral("files-split")},
        {QStringLiteral("nodes_files-split-many"), ui::Route{QStringLiteral("nodes"), QStringLiteral("fs1")}, {}, QStringLiteral("files-split-many")},
        {QStringLiteral("overview_files-split"), ui::Route{QStringLiteral("overview"), {}}, {}, QStringLiteral("files-split")},
        {QStringLiteral("sheet_resolve-split"), ui::Route{QStringLiteral("nodes"), QStringLiteral("fs1")}, act(QStringLiteral("Resolve all by digest\u2026")),
         QStringLiteral("files-split")},
        {QStringLiteral("sheet_drill"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, act(QStringLiteral("Fallback drill\u2026"), QStringLiteral("rehearsed each month")),
         QStringLiteral("plan-drill")},
        {QStringLiteral("sheet_pause"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")}, act(QStringLiteral("Pause\u2026"), QStringLiteral("the link is being moved")),
         QStringLiteral("plan-pause")},
        {QStringLiteral("sheet_mirror-out"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")}, act(QStringLiteral("Take out of rotation\u2026"), QStringLiteral("its disk is being replaced")),
         QStringLiteral("plan-mirror-out")},
        {QStringLiteral("nodes_cdn-fallback"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, {}, QStringLiteral("fallback-serving")},
        {QStringLiteral("nodes_cdn-stale"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, {}, QStringLiteral("cdn-stale")},
        {QStringLiteral("nodes_mirror-fallback"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")}, {}, QStringLiteral("fallback-serving")},
        {QStringLiteral("nodes_mirror-holds"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")}, {}, QStringLiteral("mirror-holds")},
        {QStringLiteral("sheet_allow-deletions"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")},
         act(QStringLiteral("Allow deletions once\u2026"), QStringLiteral("geoflux was withdrawn by its owner")), QStringLiteral("mirror-holds")},
        {QStringLiteral("sheet_sync-project"), ui::Route{QStringLiteral("nodes"), QStringLiteral("mirror")},
         act(QStringLiteral("Sync one project again\u2026"), QStringLiteral("its file has another digest"), QStringLiteral("rindless")), QStringLiteral("plan-sync-project")},
        {QStringLiteral("sheet_purge-project"), project, purge(QStringLiteral("Purge from the CDN\u2026"), 0, false)},
        {QStringLiteral("sheet_purge-pages-waiting"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, purge(QStringLiteral("Purge the CDN\u2026"), 1, false), {},
         QStringLiteral("purges-wait")},
        {QStringLiteral("sheet_purge-everything"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, purge(QStringLiteral("Purge the CDN\u2026"), 2, true)},
        {QStringLiteral("sheet_purge-refused"), ui::Route{QStringLiteral("nodes"), QStringLiteral("cdn")}, purge(QStringLiteral("Purge the CDN\u2026"), 2, true),
         QStringLiteral("fallback-serving")},
        {QStringLiteral("sheet_purge-unknown"), project, purge(QStringLiteral("Purge from the CDN\u2026"), 2, true), QStringLiteral("none")},
        {QStringLiteral("sheet_resume-replay"), ui::Route{QStringLiteral("overview"), {}}, act(QStringLiteral("Resume replay of db2\u2026"))},
        {QStringLiteral("overview_action-running"), ui::Route{QStringLiteral("overview"), {}}, {}, QStringLiteral("action-running")},
        {QStringLiteral("overview_action-failed"), ui::Route{QStringLiteral("overview"), {}}, {}, QStringLiteral("action-failed")},
        {QStringLiteral("overview_action-copy"), ui::Route{QStringLiteral("overview"), {}}, {}, QStringLiteral("action-copy")},
        {QStringLiteral("nodes_action-copy"), ui::Route{QStringLiteral("nodes"), QStringLiteral("db2")}, {}, QStringLiteral("action-copy")},
        {QStringLiteral("replication_action-failed"), ui::Route{QStringLiteral("replication"), {}}, {}, QStringLiteral("action-failed")},
        {QStringLiteral("nodes_cannot-see-db1"), ui::Route{QStringLiteral("nodes"), QStringLiteral("db1")}, {}, QStringLiteral("cannot-see-db1")},
        {QStringLiteral("overview_without-servers"), ui::Route{QStringLiteral("overview"), {}}, {}, QStringLiteral("without-servers"), {}, true},
        {QStringLiteral("downloads_countries"), ui::Route{QStringLiteral("downloads"), {}},
         choose(QStringLiteral("Split by"), QStringLiteral("Country")), {}, QStringLiteral("downloads-countries")},
        {QStringLiteral("downloads_versions"), ui::Route{QStringLiteral("downloads"), QStringLiteral("geoflux")},
         choose(QStringLiteral("Split by"), QStringLiteral("Version")), {}, QStringLiteral("downloads-versions")},
        {QStringLiteral("downloads_compare"), ui::Route{QStringLiteral("downloads"), {}}, compare, {}, QStringLiteral("downloads-compare")},
        {QStringLiteral("downloads_doubled"), ui::Route{QStringLiteral("downloads"), {}}, {}, {}, QStringLiteral("downloads-doubled")},
        {QStringLiteral("downloads_table"), ui::Route{QStringLiteral("downloads"), {}}, act(QStringLiteral("Figures as a table"))},
        {QStringLiteral("downloads_channel"), ui::Route{QStringLiteral("downloads"), {}},
         [](ui::MainWindow &window) {
             choose(QStringLiteral("Channel that retires"), QStringLiteral("Upload over ssh"))(window);
             choose(QStringLiteral("Clients"), QStringLiteral("Installers and browsers"))(window);
         }},
        {QStringLiteral("sheet_annotate"), ui::Route{QStringLiteral("downloads"), {}},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Annotate\u2026"));
             for (QPlainTextEdit *reason : window.findChildren<QPlainTextEdit *>())
                 reason->setPlainText(QStringLiteral("the log server was rebuilt"));
             for (QComboBox *kind : window.findChildren<QComboBox *>()) {
                 if (kind->accessibleName() == QStringLiteral("Kind"))
                     kind->setCurrentText(QStringLiteral("Gap in the counts"));
             }
             for (QLineEdit *field : window.findChildren<QLineEdit *>()) {
                 if (field->accessibleName() == QStringLiteral("What the charts say"))
                     field->setText(QStringLiteral("log stream was down"));
             }
         }},
        {QStringLiteral("projects_read-only"), ui::Route{QStringLiteral("projects"), {}}, {}, QStringLiteral("read-only-mode"), QStringLiteral("read-only")},
        {QStringLiteral("overview_without-monitor"), ui::Route{QStringLiteral("overview"), {}}, {}, QStringLiteral("none")},
    };
    for (const char *fault : faults) {
        const QString name = QString::fromLatin1(fault);
        if (!QFile::exists(recorded + QStringLiteral("/monitor-scenes/%1/monitor-state.json").arg(name)))
            continue;
        Scene scene{QStringLiteral("overview_") + name, ui::Route{QStringLiteral("overview"), {}}, {}, name};
        scene.registryAway = name == QLatin1String("webs-killed");
        all.append(std::move(scene));
    }
    return all;
}

}  // namespace cm::desktop

// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done to one project, as actions for buttons, menus and the palette. Reversible changes
// are done with an undo bar; deleting asks for the name. Owned by the detail view, GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/shell/page_context.h"

#include <QList>
#include <QObject>

#include <functional>
#include <optional>

class QAction;
class QWidget;

namespace cm::ui {

class ProjectActions : public QObject {
    Q_OBJECT
public:
    ProjectActions(const PageContext &context, QWidget *parent);

    // The project the actions are about; absent: none, all are disabled.
    void setProject(std::optional<api::ProjectDetail> project);
    [[nodiscard]] QList<QAction *> all() const;

    QAction *quarantine;
    QAction *lift;
    QAction *archive;
    QAction *deprecate;
    QAction *activateAgain;
    QAction *limits;
    QAction *remove;
    QAction *purge;
    QAction *copyInstall;

Q_SIGNALS:
    // The project was changed from here and is to be read again; `gone`: it was deleted.
    void changed(bool gone);

private:
    void askQuarantine();
    void doLift();
    void askStatus(api::ProjectStatus status);
    void setStatus(api::ProjectStatus status, const std::string &reason);
    void askLimits();
    void askDelete();
    void restore(const std::string &name);
    void putQuarantine(const std::string &name, const std::string &reason);
    void putLift(const std::string &name, const std::string &reason);
    void allowPurge();
    [[nodiscard]] bool may(const char *endpoint) const;
    [[nodiscard]] QString name() const;

    PageContext m_context;
    std::optional<api::ProjectDetail> m_project;
};

}  // namespace cm::ui

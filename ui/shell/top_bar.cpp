// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/top_bar.h"

#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QPainter>
#include <QStyle>
#include <QToolButton>

namespace cm::ui {

namespace {

// A rounded, quiet button that holds a fact.
class Pill : public QToolButton {
public:
    explicit Pill(QWidget *parent, bool field = false) : QToolButton(parent), m_field(field)
    {
        setFocusPolicy(Qt::TabFocus);
        setSizePolicy(field ? QSizePolicy::Expanding : QSizePolicy::Preferred, QSizePolicy::Fixed);
    }
    [[nodiscard]] QSize sizeHint() const override
    {
        // Half a pixel lost to rounding would already elide the text.
        return {fontMetrics().horizontalAdvance(text()) + 24, std::max(26, fontMetrics().height() + 8)};
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        // A name of any length gives way; a role or a serial does not.
        return {std::min(sizeHint().width(), fontMetrics().averageCharWidth() * 26 + 22), sizeHint().height()};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Colors colors = colorsOf(palette());
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const bool lit = underMouse() && isEnabled();
        painter.setPen(hasFocus() ? QPen(colors.accent, 1.5) : m_field ? QPen(colors.line) : QPen(Qt::NoPen));
        painter.setBrush(m_field ? colors.window : lit ? blend(colors.raised, colors.text, 0.08) : colors.raised);
        const double radius = m_field ? metrics::controlRadius : height() / 2.0;
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.75, 0.75, -0.75, -0.75), radius, radius);
        painter.setPen(colors.dim);
        const QRect place = rect().adjusted(11, 0, -11, 0);
        const auto side = m_field ? (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft) : Qt::AlignHCenter;
        painter.drawText(place, Qt::AlignVCenter | side, fontMetrics().elidedText(text(), Qt::ElideRight, place.width()));
    }

private:
    bool m_field;
};

}  // namespace

TopBar::TopBar(const Connection &connection, QMenuBar *menus, QWidget *parent)
    : QWidget(parent), m_connection(connection), m_menus(menus), m_registry(new Pill(this)), m_person(new Pill(this)), m_serial(new Pill(this)),
      m_search(new Pill(this, true))
{
    setMinimumHeight(metrics::topBarHeight);
    auto *name = new QLabel(QStringLiteral("Cheesemonger"), this);
    name->setFont(headingFont(font()));
    menus->setParent(this);
    menus->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    menus->setNativeMenuBar(false);
    m_registry->setPopupMode(QToolButton::InstantPopup);
    m_search->setText(tr("Go to anything…  Ctrl+K"));
    m_search->setAccessibleName(tr("Go to anything"));
    m_search->setToolTip(tr("Go to anything"));
    m_search->setMaximumWidth(std::max(fontMetrics().averageCharWidth() * 44, m_search->sizeHint().width()));
    m_searchWidth = m_search->sizeHint().width();
    const QString keys = tr("Ctrl+K");
    m_search->setMinimumWidth(fontMetrics().horizontalAdvance(keys) + 24);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 0, 12, 0);
    layout->setSpacing(metrics::unit * 2);
    layout->addWidget(name);
    layout->addWidget(menus, 0, Qt::AlignVCenter);
    layout->addWidget(m_registry);
    layout->addWidget(m_person);
    layout->addWidget(m_serial);
    layout->addStretch(1);
    layout->addWidget(m_search, 20);
    connect(m_search, &QToolButton::clicked, this, &TopBar::paletteWanted);
    connect(&connection, &Connection::stateChanged, this, &TopBar::follow);
    connect(&connection, &Connection::whoChanged, this, &TopBar::follow);
    connect(&connection, &Connection::registryChanged, this, &TopBar::follow);
    follow();
}

void TopBar::follow()
{
    const auto &registry = m_connection.registry();
    const QString name = registry && !registry->name.empty() ? cm::ui::text(registry->name) : m_connection.profile().name;
    m_registry->setText(name.isEmpty() ? tr("no registry") : name);
    m_registry->setAccessibleName(tr("Registry: %1").arg(m_registry->text()));
    m_registry->setToolTip(registry ? cm::ui::text(registry->baseUrl) : QString());
    const auto &who = m_connection.who();
    m_person->setVisible(who.has_value());
    if (who) {
        m_person->setText(tr("%1 · %2").arg(nameFor(who->role), cm::ui::text(who->name)));
        m_person->setAccessibleName(tr("Signed in: %1").arg(m_person->text()));
    }
    m_serial->setVisible(registry.has_value());
    if (registry) {
        m_serial->setText(tr("serial %1").arg(formatCount(registry->serial)));
        m_serial->setAccessibleName(m_serial->text());
        m_serial->setToolTip(tr("The number of the latest change in the public journal"));
    }
    for (QToolButton *pill : {m_registry, m_person, m_serial})
        pill->updateGeometry();
    fitSearch();
}

void TopBar::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitSearch();
}

void TopBar::fitSearch()
{
    int taken = 0;
    for (int i = 0; i < layout()->count(); ++i) {
        if (const QWidget *widget = layout()->itemAt(i)->widget(); widget && widget != m_search && widget->isVisibleTo(this))
            taken += widget->sizeHint().width() + layout()->spacing();
    }
    const bool roomy = (width() - taken - 40) * 20 / 21 >= m_searchWidth;
    m_search->setText(roomy ? tr("Go to anything…  Ctrl+K") : tr("Ctrl+K"));
}

void TopBar::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!isRightToLeft())
        return;
    // Right to left a menu bar takes the width it has for the one it needs, and shows one menu.
    m_menus->setLayoutDirection(Qt::LeftToRight);
    m_menus->setMinimumWidth(m_menus->sizeHint().width());
    m_menus->unsetLayoutDirection();
}

void TopBar::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), colors.panel);
    painter.setPen(colors.line);
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

}  // namespace cm::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/upload_words.h"

#include <QCoreApplication>

#include <array>

namespace cm::ui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::UploadWords)
};

}  // namespace

}  // namespace cm::ui

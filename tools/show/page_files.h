/* SPDX-License-Identifier: MIT
 *
 * page_files: what every page has in it: page.css and page.js, made into C by embed.py.
 */
#ifndef SHOW_PAGE_FILES_H
#define SHOW_PAGE_FILES_H

extern const char page_css[];
extern const char page_js[];

#endif

// The last step of an import: which documents are kept, and what of them.
#ifndef SERVICES_DIRECTORY_DOMAIN_KEEP_DOCUMENTS_H_
#define SERVICES_DIRECTORY_DOMAIN_KEEP_DOCUMENTS_H_

#include <vector>

#include "services/directory/domain/build_import.h"

namespace fairlead::directory {

// Puts each document with its organization or listing, all others in `records`; nothing below the
// county of a confidential place, and nothing that is marked as sealed, is left in any. Of an
// agency that has such places (`has_before`: had some before) no histories are kept, and no rows
// that hang on nothing: they may be about one.
void KeepDocuments(std::vector<Document> documents, bool has_before, ImportSet& set);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_KEEP_DOCUMENTS_H_

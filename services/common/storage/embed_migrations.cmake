# Writes migrations.h and migrations.cc from SQL files; run by fairlead_migrations at build time.
# In: FOLDER (relative to the root), NAME (namespace), FILES (a:b:c), IN, OUT.
string(REPLACE ":" ";" FILE_LIST "${FILES}")
string(TOUPPER "${FOLDER}/migrations.h" GUARD)
string(REGEX REPLACE "[^A-Z0-9]" "_" GUARD "${GUARD}")

function(entries ENGINE RESULT)
  set(TEXT "")
  foreach(FILE IN LISTS FILE_LIST)
    string(SUBSTRING "${FILE}" 0 3 NUMBER)
    math(EXPR NUMBER "1${NUMBER} - 1000")  # "007" is 7, and no octal number
    if(NUMBER EQUAL 0)
      message(FATAL_ERROR "${FOLDER}/migrations: numbers start at 001")
    endif()
    string(REGEX REPLACE "^[0-9]+_(.*)\\.sql$" "\\1" TITLE "${FILE}")
    file(READ "${IN}/${ENGINE}/${FILE}" SQL)
    string(APPEND TEXT "          {${NUMBER}, \"${TITLE}\", R\"fairlead(${SQL})fairlead\"},\n")
  endforeach()
  set(${RESULT} "${TEXT}" PARENT_SCOPE)
endfunction()

entries(sqlite SQLITE)
entries(postgres POSTGRES)
file(WRITE "${OUT}/migrations.h" "// Generated from ${FOLDER}/migrations.
#ifndef ${GUARD}_
#define ${GUARD}_
#include \"services/common/storage/database.h\"
namespace fairlead::${NAME} {
const storage::Migrations& Migrations();
}
#endif
")
file(WRITE "${OUT}/migrations.cc" "// Generated from ${FOLDER}/migrations.
#include \"${FOLDER}/migrations.h\"
namespace fairlead::${NAME} {
const storage::Migrations& Migrations() {
  static const storage::Migrations migrations = {
      \"${NAME}\",
      {
${SQLITE}      },
      {
${POSTGRES}      },
  };
  return migrations;
}
}  // namespace fairlead::${NAME}
")

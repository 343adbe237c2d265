# fairlead_migrations(TARGET name): compiles the files migrations/{sqlite,postgres}/NNN_name.sql of
# the calling folder into TARGET and generates "<calling folder>/migrations.h", which has
#   namespace fairlead::<name> { const storage::Migrations& Migrations(); }
# Call it in the folder that defines TARGET. Both engines must have the same file names.
set(FAIRLEAD_EMBED_MIGRATIONS ${CMAKE_CURRENT_LIST_DIR}/embed_migrations.cmake
    CACHE INTERNAL "the script that writes migrations.cc")

function(fairlead_migrations TARGET NAME)
  file(RELATIVE_PATH FOLDER ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(OUT ${CMAKE_BINARY_DIR}/gen/${FOLDER})
  file(GLOB SQLITE_FILES RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/migrations/sqlite CONFIGURE_DEPENDS
       ${CMAKE_CURRENT_SOURCE_DIR}/migrations/sqlite/*.sql)
  file(GLOB POSTGRES_FILES RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/migrations/postgres
       CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/postgres/*.sql)
  if(NOT SQLITE_FILES)
    message(FATAL_ERROR "${FOLDER}/migrations/sqlite has no NNN_name.sql")
  endif()
  if(NOT SQLITE_FILES STREQUAL POSTGRES_FILES)
    message(FATAL_ERROR "${FOLDER}/migrations: sqlite has [${SQLITE_FILES}], "
                        "postgres has [${POSTGRES_FILES}]: they must have the same names")
  endif()
  set(INPUTS)
  foreach(FILE IN LISTS SQLITE_FILES)
    if(NOT FILE MATCHES "^[0-9][0-9][0-9]_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "${FOLDER}/migrations: ${FILE} is not NNN_name.sql")
    endif()
    list(APPEND INPUTS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/sqlite/${FILE}
         ${CMAKE_CURRENT_SOURCE_DIR}/migrations/postgres/${FILE})
  endforeach()
  string(JOIN ":" FILES ${SQLITE_FILES})
  add_custom_command(
    OUTPUT ${OUT}/migrations.cc ${OUT}/migrations.h
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${FOLDER} -DNAME=${NAME} -DFILES=${FILES} -DOUT=${OUT}
            -DIN=${CMAKE_CURRENT_SOURCE_DIR}/migrations -P ${FAIRLEAD_EMBED_MIGRATIONS}
    DEPENDS ${INPUTS} ${FAIRLEAD_EMBED_MIGRATIONS}
    VERBATIM)
  target_sources(${TARGET} PRIVATE ${OUT}/migrations.cc ${OUT}/migrations.h)
  target_link_libraries(${TARGET} PUBLIC fairlead_storage)
endfunction()

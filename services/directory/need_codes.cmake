# Writes the C++ source that holds need_codes.tsv. In: TSV, OUT.
file(READ "${TSV}" TEXT)
file(WRITE "${OUT}" "// Generated from domain/need_codes.tsv.
namespace fairlead::directory {
extern const char* const kNeedCodesTsv;
const char* const kNeedCodesTsv = R\"fairlead(${TEXT})fairlead\";
}  // namespace fairlead::directory
")

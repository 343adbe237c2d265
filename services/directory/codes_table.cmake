# Writes the C++ source that holds a table of codes. In: TSV, OUT, NAME (of the constant).
file(READ "${TSV}" TEXT)
file(WRITE "${OUT}" "// Generated from ${NAME}.
namespace fairlead::directory {
extern const char* const ${NAME};
const char* const ${NAME} = R\"fairlead(${TEXT})fairlead\";
}  // namespace fairlead::directory
")

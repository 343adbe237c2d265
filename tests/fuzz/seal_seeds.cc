// Writes the seed corpus of seal_fuzz into a folder: whole packets and keys, whose structure random
// bytes would not find.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "services/common/seal/forge.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {
namespace {

void WriteSeeds(const std::filesystem::path& folder) {
  int count = 0;
  const auto write = [&](char kind, const std::string& text) {
    std::ofstream file(folder / ("seed" + std::to_string(count++)), std::ios::binary);
    file << kind << text;
  };
  const Cast& cast = TheCast();
  write('P', SamplePacket());
  write('P', *Seal(SampleRequest(std::string(3000, 'x')), cast.sender_signing, SystemRandom()));
  Envelope delivered = *ParseEnvelope(SamplePacket());
  delivered.recipients[0].encrypted_key.clear();
  write('P', ToJson(delivered));
  for (const PrivateKey* key : {&cast.sender_epoch, &cast.sender_signing}) {
    write('K', ToJwk(key->public_key));
    write('K', ToPrivateJwk(*key));
  }
  std::string signed_text;
  Forgery forgery = Faultless();
  forgery.change_jws = [&signed_text](std::string& jws) { signed_text = jws; };
  Make(forgery);
  write('J', signed_text);
  write('J', "e30.e30.e30");
  write('U', std::string(internal::Pad("text").view()));
  write('U', std::string(internal::Pad(std::string(1021, 'x')).view()));
  write('S', R"({"a":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00"],"b":{"a":18446744073709551615}})");
}

}  // namespace
}  // namespace fairlead::seal

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: seal_seeds FOLDER\n";
    return 2;
  }
  fairlead::seal::WriteSeeds(argv[1]);
  return 0;
}

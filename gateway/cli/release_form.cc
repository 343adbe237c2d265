#include "gateway/cli/release_form.h"

namespace fairlead::cli {
namespace {

// A change of one letter is another form: give it another version.
constexpr ReleaseForm kEnglish = {"fairlead-en-1", R"(RELEASE OF INFORMATION

You decide whether we share information about you, with whom, and what.

 1. We will share only the kinds of information that are ticked, only with the agencies that are
    named, and only for the purposes that are named.
 2. The information travels sealed through the coalition's hub. The hub cannot read it. The hub is
    named here because it carries the sealed message.
 3. You do not have to sign. We help you all the same. If you do not sign, we cannot hand your
    case to the other agency for you; you can still contact it yourself, and we will help you.
 4. Sharing has risks: others would know that you asked for help, and what you told us. There are
    other ways: you may call yourself, we may call together with you, or we may ask without naming
    you.
 5. You may take this release back at any time, by word of mouth, in writing or electronically.
    From then on nobody can open what was sent. What somebody has already read cannot be unread;
    we will ask them to destroy their copies.
 6. Whoever receives the information may be obliged to keep it private, and may not always be. It
    may be given on only as the law allows. 42 CFR part 2 prohibits unauthorized use or disclosure
    of records about treatment for substance use.
 7. The release ends on the day that is named, at the latest after one year.
 8. Tell us how it is safe to reach you, or that nobody may contact you.
 9. You get a copy, if it is safe for you to have one.
)"};

constexpr ReleaseForm kSpanish = {"fairlead-es-1", R"(AUTORIZACIÓN PARA COMPARTIR INFORMACIÓN

Usted decide si compartimos información sobre usted, con quién y qué información.

 1. Compartiremos solo los tipos de información marcados, solo con las agencias nombradas y solo
    para los fines nombrados.
 2. La información viaja sellada por la central de la coalición. La central no puede leerla. Se la
    nombra aquí porque transporta el mensaje sellado.
 3. Usted no tiene que firmar. Le ayudaremos de todos modos. Si no firma, no podremos pasar su caso
    a la otra agencia; usted puede llamarla por su cuenta, y le ayudaremos a hacerlo.
 4. Compartir tiene riesgos: otras personas sabrían que usted pidió ayuda y lo que nos contó. Hay
    otras maneras: usted puede llamar, podemos llamar juntos, o podemos preguntar sin decir su
    nombre.
 5. Puede retirar esta autorización en cualquier momento, de palabra, por escrito o por medios
    electrónicos. Desde ese momento nadie podrá abrir lo que se envió. Lo que alguien ya leyó no
    puede borrarse de su memoria; le pediremos que destruya sus copias.
 6. Quien recibe la información puede estar obligado a mantenerla en privado, pero no siempre. Solo
    puede entregarla a otros según la ley. La norma 42 CFR parte 2 prohíbe el uso o la divulgación
    sin autorización de los registros sobre tratamiento por uso de sustancias.
 7. La autorización termina el día indicado, a más tardar después de un año.
 8. Díganos cómo podemos comunicarnos con usted sin peligro, o que nadie debe hacerlo.
 9. Recibe una copia, si es seguro para usted tenerla.
)"};

}  // namespace

const ReleaseForm* FindReleaseForm(std::string_view language) {
  if (language == "en") return &kEnglish;
  if (language == "es") return &kSpanish;
  return nullptr;
}

}  // namespace fairlead::cli

#include "services/common/guard/words.h"

#include <unordered_map>

namespace fairlead::guard {
namespace {

struct WordList {
  uint32_t cues;
  std::string_view words;  // with spaces between
};

constexpr WordList kWordLists[] = {
    {kPerson,
     "she he her hers him his herself himself client clients survivor victim resident minor mother "
     "mom father dad sister brother daughter son husband wife boyfriend girlfriend ex cousin aunt "
     "uncle grandmother girl lady woman man boy guy toddler baby trafficker abuser pimp stalker "
     "lives staying hiding fleeing fled arrived left enrolled discharged admitted pregnant cell "
     "family plaintiff defendant caller"},
    {kPerson,
     "ella clienta cliente sobreviviente victima residente menor madre mama padre papa hermana "
     "hermano hija hijo esposo esposa marido novio novia prima primo tia tio abuela muchacha chica "
     "senora senorita nina mujer hombre tratante agresor acosador vive esconde huye huyo llego "
     "salio ingreso ingresamos inscribimos embarazada celular cel familia recojanla recogieron "
     "escribanle avisenle bebe recien pario"},
    {kAgency,
     "our ours hotline helpline intake office desk reception agency coalition line service "
     "services interpreter interpreters library court courthouse clinic hospital donations "
     "meeting extension ext weekdays toll"},
    {kAgency,
     "nuestra nuestro nuestras nuestros linea oficina recepcion admision agencia coalicion "
     "servicio servicios interprete interpretes biblioteca juzgado clinica hospital donaciones "
     "junta extension albergue"},
    {kPublic,
     "training webinar workshop conference class seminar speaker trainer director coordinator "
     "manager attorney detective officer sheriff nurse doctor dr prof professor welcome thank "
     "thanks congratulations board meeting presented presents grant report holiday liaison"},
    {kPublic,
     "capacitacion taller conferencia curso seminario ponente directora coordinadora coordinador "
     "gerente abogada abogado oficial alguacil enfermera enfermero doctora dra profesora profesor "
     "bienvenida bienvenido gracias felicidades reunion junta informe enlace terapeuta"},
    {kBirth, "born dob birthday birthdate bday birth nacida nacido nacio nac nacimiento fdn"},
    {kBirth | kPerson, "cumpleanos"},
    {kOrganisation,
     "house home center centre shelter hospital clinic medical health legal aid services service "
     "foundation church university college school department county city state court office "
     "agency coalition network alliance society institute community charities mission army "
     "recovery valley park street avenue road boulevard lane drive route highway bridge "
     "project program group council association ministries ymca ywca foundation hotline police "
     "bureau national international sheriff safe haven harbor refuge room library"},
    {kOrganisation,
     "casa hogar centro albergue hospital clinica medico salud ayuda legal servicio servicios "
     "fundacion iglesia universidad colegio escuela departamento condado ciudad estado juzgado "
     "oficina agencia coalicion red alianza sociedad instituto comunitario caridades mision "
     "ejercito recuperacion valle verde parque calle avenida ruta proyecto programa grupo consejo "
     "asociacion refugio nacional biblioteca linea sala"},
    {kNotName,
     "monday tuesday wednesday thursday friday saturday sunday english spanish mandarin tagalog "
     "chinese vietnamese the a an this that these those we you they it i please thank thanks call "
     "text ask send see from for with and or but if when where who what how does do is are was "
     "anyone someone somebody looking need needs bed beds capacity maybe two three four one new "
     "remember version tip form holiday funding training webinar someone survivor client dob ssn "
     "name date birth ms mrs mr miss dr medicaid medicare passport texas ohio honda toyota ford "
     "chevy instagram facebook telegram tiktok snapchat whatsapp my your no not yes he she her "
     "his him their our everyone all to in on at of by as hes shes minor female male act visa card "
     "google zoom maps microsoft green gift social security plan fund relief title protection "
     "victims trafficking human medicaid release continuum care rapid rehousing housing office "
     "uscis dmv snap tanf wic ead eta"},
    {kNotName,
     "lunes martes miercoles jueves viernes sabado domingo ingles espanol el la los las un una "
     "unos unas nosotros ustedes ellos ellas yo por para con y o pero si cuando donde quien que "
     "como alguien alguna buscamos necesitamos necesita cama camas se su sus le les lo me nos mi "
     "tu hoy manden llamen pueden pidan recuerden version consejo formulario desde hasta fecha "
     "nombre nacimiento sobreviviente clienta senora sra srta sr dra hay esta estan ingresamos "
     "referimos paso menor demos gracias todos en de del al a"},
    {kSmall,
     "de del la las los y e van von the a an of in on from to at for by with and or is are was "
     "min minutes hours people beds bed days miles el en por para con es al dias camas personas"},
    {kGiven,
     "maria jose juan ana rosa luis carlos jorge miguel pedro luz carmen sofia lucia elena laura "
     "marta martha teresa isabel guadalupe lupita yesenia daniela daniel alejandra alejandro "
     "andrea angela angelica monica veronica patricia gloria silvia claudia karla carla karina "
     "karen brenda wendy xiomara ixchel rocio juana julia juliana adriana natalia natalie vanesa "
     "vanessa samanta samantha gracia marcos mario marisol mariana esperanza dolores mercedes "
     "consuelo pilar beatriz cecilia esmeralda estela fernanda gabriela gabriel ingrid irma jazmin "
     "yasmin jessica josefina leticia lorena magdalena margarita maritza mirna nancy norma olga "
     "paola raquel reina rebeca ruth sandra sara sarah susana valeria victoria vilma viviana "
     "yolanda zoila zulma francisco javier manuel antonio rafael ramon raul ricardo roberto sergio "
     "oscar pablo hector fernando eduardo diego cesar alberto alfredo andres angel arturo ernesto "
     "felipe gustavo ivan jaime jesus joaquin leonel mateo nelson omar rodrigo santiago victor"},
    {kGiven,
     "mary jennifer linda elizabeth barbara susan margaret lisa betty dorothy sandra ashley "
     "kimberly donna emily michelle carol amanda melissa deborah stephanie rebecca sharon cynthia "
     "kathleen amy shirley anna brianna brittany briana crystal danielle destiny diamond ebony "
     "erica erin heather helen holly jasmine jamie janet janice jenny joan joy joyce judy kate "
     "katherine kathy kayla keisha kelly kim latoya lauren leah linh madison megan mei mia molly "
     "naomi nicole nina olivia pamela rachel rhonda robin sheila sierra tamika tanya tania tara "
     "taylor thuy tiffany tina tracy trinh yan ying zoe grace hannah abigail chloe ella amber "
     "james john robert michael william david richard joseph thomas charles christopher matthew "
     "anthony mark donald steven paul andrew joshua kevin brian george edward ronald timothy jason "
     "jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin "
     "samuel gregory alexander patrick frank raymond jack dennis jerry tyler aaron adam nathan "
     "marcus malik darnell tyrone dmitri ivan olga svetlana natasha fatima amina aisha mohammed "
     "ahmed ali hassan priya anjali wei xin li min jin soo hyun nguyen minh"},
    {kMonth,
     "january february march april may june july august september october november december jan "
     "feb mar apr jun jul aug sep sept oct nov dec enero febrero marzo abril mayo junio julio "
     "agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic"},
    {kStreet,
     "street st avenue ave av boulevard blvd road rd lane ln court ct circle cir highway hwy "
     "terrace ter parkway pkwy trail trl alley drive"},
    {kStreetShort, "dr way pl place plaza square sq loop run row path"},
    {kCalle,
     "calle c avenida av ave bulevar blvd calzada carrera callejon callejuela paseo privada camino "
     "carretera cerrada andador"},
    {kRoute, "route rte highway hwy ruta carretera interstate"},
    {kPlatform,
     "instagram insta ig snapchat snap tiktok facebook fb face telegram twitter onlyfans discord "
     "kik "
     "messenger youtube linkedin signal"},
    {kPhoneWord,
     "phone cell cellphone mobile tel telephone call text texted number whatsapp ring reach "
     "telefono celular cel movil llamar llamen llama llamarla marquen numero escribir mensaje "
     "buzon voicemail"},
    {kDocumentWord,
     "ssn itin alien uscis passport passports license licence licencia pasaporte docket case cases "
     "caso expediente causa medicaid medicare curp rfc dui matricula extranjero extranjera seguro "
     "receipt recibo visa id identification identificacion ine mrn"},
    {kPlateWord, "plate plates tag tags placa placas matricula matriculas"},
    {kMailbox,
     "info intake intakes beds camas ingresos ingreso admision referrals referidos office oficina "
     "help ayuda contact contacto contactos admin hotline linea support apoyo desk training "
     "coordinator coordinacion staff team equipo legal hello hola news press noreply volunteer "
     "volunteers donations donaciones jobs hr events eventos webmaster privacy"},
    {kNamed, "named llamada llamado llama apodada apodado aka alias"},
    {kTitle, "ms mrs mr miss sra srta sr senora senorita senor don dona"},
    {kUserWord, "username handle usuario usuaria nickname nick screenname"},
    {kSaint, "st saint san santa santo sta"},
    {kPart, "apt apartment unit suite ste depto departamento piso floor room cuarto interior int"},
};

using CueMap = std::unordered_map<std::string_view, uint32_t>;

CueMap MakeCueMap() {
  CueMap cues;
  for (const WordList& list : kWordLists) {
    std::string_view rest = list.words;
    while (!rest.empty()) {
      const size_t end = rest.find(' ');
      cues[rest.substr(0, end)] |= list.cues;
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  return cues;
}

}  // namespace

uint32_t CuesOf(std::string_view folded_word) {
  static const CueMap* const cues = new CueMap(MakeCueMap());
  const auto found = cues->find(folded_word);
  return found == cues->end() ? 0 : found->second;
}

int MonthOf(std::string_view word) {
  if ((CuesOf(word) & kMonth) == 0) return 0;
  constexpr std::string_view kEnglish[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                           "jul", "aug", "sep", "oct", "nov", "dec"};
  constexpr std::string_view kSpanish[] = {"ene", "feb", "mar", "abr", "may", "jun",
                                           "jul", "ago", "set", "oct", "nov", "dic"};
  for (int month = 0; month < 12; ++month) {
    const std::string_view begin = word.substr(0, 3);
    if (begin == kEnglish[month] || begin == kSpanish[month]) return month + 1;
  }
  return 0;
}

}  // namespace fairlead::guard

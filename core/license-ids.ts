/**
 * Identifiers of the SPDX licence list that package managers' databases use. Not the whole list: another identifier is
 * told as a `LicenseRef-`, which is valid as well.
 */
const ids = `
0BSD AAL Abstyles Adobe-2006 Adobe-Glyph ADSL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 AGPL-1.0-only AGPL-1.0-or-later
AGPL-3.0-only AGPL-3.0-or-later Aladdin AMDPLPA AML AMPAS ANTLR-PD Apache-1.0 Apache-1.1 Apache-2.0 APAFML APL-1.0
APSL-1.0 APSL-1.1 APSL-1.2 APSL-2.0 Artistic-1.0 Artistic-1.0-cl8 Artistic-1.0-Perl Artistic-2.0 Bahyph Barr Beerware
Bitstream-Charter Bitstream-Vera BitTorrent-1.0 BitTorrent-1.1 BlueOak-1.0.0 Boehm-GC Borceux BSD-1-Clause BSD-2-Clause
BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause BSD-3-Clause-Attribution BSD-3-Clause-Clear BSD-3-Clause-LBNL
BSD-3-Clause-Modification BSD-3-Clause-No-Nuclear-License BSD-3-Clause-Open-MPI BSD-4-Clause BSD-4-Clause-Shortened
BSD-4-Clause-UC BSD-Protection BSD-Source-Code BSL-1.0 BUSL-1.1 bzip2-1.0.6 C-UDA-1.0 CAL-1.0 Caldera CATOSL-1.1
CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0
CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-3.0 CC-BY-ND-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.5
CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0
CECILL-1.0 CECILL-1.1 CECILL-2.0 CECILL-2.1 CECILL-B CECILL-C CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0 ClArtistic
CMU-Mach CNRI-Jython CNRI-Python CNRI-Python-GPL-Compatible Condor-1.1 copyleft-next-0.3.1 CPAL-1.0 CPL-1.0 CPOL-1.02
Crossword CrystalStacker CUA-OPL-1.0 Cube curl D-FSL-1.0 DL-DE-BY-2.0 DOC DRL-1.0 DSDP dvipdfm ECL-1.0 ECL-2.0 EFL-1.0
EFL-2.0 eGenix Elastic-2.0 Entessa EPL-1.0 EPL-2.0 ErlPL-1.1 EUDatagrid EUPL-1.0 EUPL-1.1 EUPL-1.2 Eurosym Fair
Frameworx-1.0 FreeBSD-DOC FreeImage FSFAP FSFUL FSFULLR FSFULLRWD FTL GD GFDL-1.1-only GFDL-1.1-or-later GFDL-1.2-only
GFDL-1.2-or-later GFDL-1.2-no-invariants-only GFDL-1.2-no-invariants-or-later GFDL-1.3-only GFDL-1.3-or-later
GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later Giftware GL2PS Glide Glulxe gnuplot GPL-1.0-only
GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later Graphics-Gems gSOAP-1.3b HaskellReport
Hippocratic-2.1 HPND HPND-sell-variant HTMLTIDY IBM-pibs ICU IEC-Code-Components-EULA IJG IJG-short ImageMagick iMatix
Imlib2 Info-ZIP Inner-Net-2.0 Intel Intel-ACPI Interbase-1.0 IPA IPL-1.0 ISC ISC-Veillard JasPer-2.0 JPNIC JSON LAL-1.2
LAL-1.3 Latex2e Leptonica LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only
LGPL-3.0-or-later LGPLLR Libpng libpng-2.0 libselinux-1.0 libtiff libutil-David-Nugent LiLiQ-P-1.1 LiLiQ-R-1.1
LiLiQ-Rplus-1.1 Linux-OpenIB LOOP LPL-1.0 LPL-1.02 LPPL-1.0 LPPL-1.1 LPPL-1.2 LPPL-1.3a LPPL-1.3c lsof
LZMA-SDK-9.22 MakeIndex Martin-Birgmeier metamail MirOS MIT MIT-0 MIT-advertising MIT-CMU MIT-enna MIT-feh MIT-Festival
MIT-Modern-Variant MIT-open-group MIT-Wu MITNFA Motosoto mpich2 mpi-permissive MPL-1.0 MPL-1.1 MPL-2.0
MPL-2.0-no-copyleft-exception mplus MS-LPL MS-PL MS-RL MTLL MulanPSL-1.0 MulanPSL-2.0 Multics Mup NAIST-2003 NASA-1.3
Naumen NBPL-1.0 NCSA Net-SNMP NetCDF Newsletr NGPL NIST-PD NIST-PD-fallback NLOD-2.0 NLPL Nokia NOSL NPL-1.0 NPL-1.1
NPOSL-3.0 NRL NTP NTP-0 OASIS OCLC-2.0 ODbL-1.0 ODC-By-1.0 OFL-1.0 OFL-1.0-no-RFN OFL-1.0-RFN OFL-1.1 OFL-1.1-no-RFN
OFL-1.1-RFN OGC-1.0 OGL-UK-3.0 OGTSL OLDAP-1.1 OLDAP-1.4 OLDAP-2.0 OLDAP-2.0.1 OLDAP-2.4 OLDAP-2.5 OLDAP-2.6 OLDAP-2.7
OLDAP-2.8 OML OpenSSL OpenSSL-standalone OPL-1.0 OPUBL-1.0 OSET-PL-2.1 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 PDDL-1.0
PHP-3.0 PHP-3.01 Plexus PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 PostgreSQL PSF-2.0 psfrag psutils
Python-2.0 Python-2.0.1 Qhull QPL-1.0 Rdisc RHeCos-1.1 RPL-1.1 RPL-1.5 RPSL-1.0 RSA-MD RSCPL Ruby SAX-PD Saxpath SCEA
SchemeReport Sendmail Sendmail-8.23 SGI-B-1.0 SGI-B-1.1 SGI-B-2.0 SGI-OpenGL SHL-0.5 SHL-0.51 SimPL-2.0 SISSL SISSL-1.2
Sleepycat SMLNJ SMPPL SNIA Spencer-86 Spencer-94 Spencer-99 SPL-1.0 SSH-OpenSSH SSH-short SSPL-1.0 SugarCRM-1.1.3
SunPro SWL Symlinks TAPR-OHL-1.0 TCL TCP-wrappers TMate TORQUE-1.1 TOSL TU-Berlin-1.0 UCL-1.0 Unicode-3.0
Unicode-DFS-2015 Unicode-DFS-2016 Unicode-TOU UnixCrypt Unlicense UPL-1.0 Vim VOSTROM VSL-1.0 W3C W3C-19980720
W3C-20150513 Watcom-1.0 Wsuipa WTFPL X11 X11-distribute-modifications-variant Xerox Xfig XFree86-1.1 xinetd Xnet xpp
XSkat YPL-1.0 YPL-1.1 Zed Zend-2.0 Zimbra-1.3 Zimbra-1.4 Zlib zlib-acknowledgement ZPL-1.1 ZPL-2.0 ZPL-2.1
`;

const exceptions = `
389-exception Autoconf-exception-2.0 Autoconf-exception-3.0 Autoconf-exception-generic Bison-exception-1.24
Bison-exception-2.2 Bootloader-exception Classpath-exception-2.0 CLISP-exception-2.0 cryptsetup-OpenSSL-exception
DigiRule-FOSS-exception eCos-exception-2.0 Fawkes-Runtime-exception FLTK-exception Font-exception-2.0
freertos-exception-2.0 GCC-exception-2.0 GCC-exception-2.0-note GCC-exception-3.1 GPL-3.0-linking-exception
GPL-3.0-linking-source-exception GPL-CC-1.0 i2p-gpl-java-exception LGPL-3.0-linking-exception Libtool-exception
Linux-syscall-note LLVM-exception LZMA-exception mif-exception OCaml-LGPL-linking-exception OCCT-exception-1.0
OpenJDK-assembly-exception-1.0 openvpn-openssl-exception PS-or-PDF-font-exception-20170817 Qt-GPL-exception-1.0
Qt-LGPL-exception-1.1 Qwt-exception-1.0 RRDtool-FLOSS-exception-2.0 SHL-2.0 SHL-2.1 Swift-exception
u-boot-exception-2.0 Universal-FOSS-exception-1.0 vsftpd-openssl-exception WxWindows-exception-3.1
x11vnc-openssl-exception
`;

/** Names that the list has given up (SPDX licence list, "Deprecated License Identifiers"), and what stands there now. */
const deprecated: readonly (readonly [string, string])[] = [
  ['BSD-2-Clause-FreeBSD', 'BSD-2-Clause-Views'],
  ['BSD-2-Clause-NetBSD', 'BSD-2-Clause'],
  ['bzip2-1.0.5', 'bzip2-1.0.6'],
  ['eCos-2.0', 'GPL-2.0-or-later WITH eCos-exception-2.0'],
  ['GPL-2.0-with-autoconf-exception', 'GPL-2.0-only WITH Autoconf-exception-2.0'],
  ['GPL-2.0-with-bison-exception', 'GPL-2.0-or-later WITH Bison-exception-2.2'],
  ['GPL-2.0-with-classpath-exception', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['GPL-2.0-with-font-exception', 'GPL-2.0-only WITH Font-exception-2.0'],
  ['GPL-2.0-with-GCC-exception', 'GPL-2.0-only WITH GCC-exception-2.0'],
  ['GPL-3.0-with-autoconf-exception', 'GPL-3.0-only WITH Autoconf-exception-3.0'],
  ['GPL-3.0-with-GCC-exception', 'GPL-3.0-only WITH GCC-exception-3.1'],
  ['Net-SNMP-5', 'Net-SNMP'],
  ['Nunit', 'Zlib'],
  ['StandardML-NJ', 'SMLNJ'],
  ['wxWindows', 'LGPL-2.0-or-later WITH WxWindows-exception-3.1'],
];

/** `GPL-2.0` is `GPL-2.0-only`, and `GPL-2.0+` is `GPL-2.0-or-later`, of all of GNU's licences. */
const gnu = /^(?:A|L)?GPL-[0-9.]+-only$|^GFDL-[0-9.]+-only$/;

function* names(): Generator<readonly [string, string]> {
  for (const id of ids.split(/\s+/)) {
    if (id === '') continue;
    yield [id, id];
    if (!gnu.test(id)) continue;
    const bare = id.slice(0, -'-only'.length);
    yield [bare, id];
    yield [`${bare}+`, `${bare}-or-later`];
  }
  yield* deprecated;
}

/** By lower case: the list's own spelling, or the expression that stands for a name that the list has given up. */
export const licenseIds: ReadonlyMap<string, string> = new Map(
  [...names()].map(([name, id]) => [name.toLowerCase(), id]),
);
export const licenseExceptions: ReadonlyMap<string, string> = new Map(
  exceptions
    .split(/\s+/)
    .filter((id) => id !== '')
    .map((id) => [id.toLowerCase(), id]),
);

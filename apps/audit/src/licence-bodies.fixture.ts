// Licence texts for tests, as packages ship them; of the long ones, the passages they are known by.

export const mit = `MIT License

Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const mitNotice = `, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.
`

export const mit0 = mit.replace(mitNotice, '.\n')

export const json = mit.replace(mitNotice, `${mitNotice}\nThe Software shall be used for Good, not Evil.\n`)

/** A condition more than the MIT licence has. */
export const mitVariant = mit.replace(
  mitNotice,
  `${mitNotice}\nWhoever earns money with the Software shall send a tenth of it to the author every month.\n`,
)

export const isc = `ISC License

Copyright (c) Somebody

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES.
`

export const bsd0 = isc.replace(
  `granted, provided that the above
copyright notice and this permission notice appear in all copies.`,
  'granted.',
)

const bsdEndorsement = `3. Neither the name of the copyright holder nor the names of its contributors
   may be used to endorse or promote products derived from this software
   without specific prior written permission.
`

export const bsd3 = `Copyright (c) 2012, Somebody

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.
${bsdEndorsement}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES ARE DISCLAIMED. IN NO EVENT SHALL THE
COPYRIGHT HOLDER BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL DAMAGES.
`

export const bsd2 = bsd3.replace(bsdEndorsement, '')

export const apache2 = `                                 Apache License
                           Version 2.0, January 2004
                        http://www.apache.org/licenses/

   TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION
   1. Definitions.
   2. Grant of Copyright License. Subject to the terms and conditions of this License
   3. Grant of Patent License.
   5. Submission of Contributions.
   9. Accepting Warranty or Additional Liability.
`

export const gpl3 = `                    GNU GENERAL PUBLIC LICENSE
                       Version 3, 29 June 2007
  0. Definitions.
  17. Interpretation of Sections 15 and 16.
    the GNU General Public License as published by the Free Software Foundation, either version 3 of the License
`

const unlicense = `This is free and unencumbered software released into the public domain.

Anyone is free to copy, modify, publish, use, compile, sell, or distribute this software.
We dedicate any and all copyright interest in the software to the public domain.
`

/** The first passages of longer licences, and what they are to be recognised as. */
export const passages: readonly (readonly [id: string, text: string])[] = [
  [
    'GPL-2.0-only',
    'GNU GENERAL PUBLIC LICENSE\nVersion 2, June 1991\nThe licenses for most software are designed to\ntake away your freedom to share and change it. NO WARRANTY',
  ],
  ['GPL-3.0-only', gpl3],
  [
    'LGPL-2.1-only',
    'GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1, February 1999\na "work based on the library"',
  ],
  [
    'LGPL-3.0-only',
    'GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n0. Additional Definitions. A "Combined Work"',
  ],
  [
    'AGPL-3.0-only',
    'GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007\n13. Remote Network Interaction',
  ],
  ['Apache-2.0', apache2],
  [
    'MPL-2.0',
    'Mozilla Public License Version 2.0\n1. Definitions\n1.1. "Contributor"\n2.1. Grants\n6. Disclaimer of Warranty\n10.4. Distributing Source Code Form',
  ],
  ['Unlicense', unlicense],
  ['CC0-1.0', 'CC0 1.0 Universal\nStatement of Purpose\n2. Waiver.\n3. Public License Fallback.'],
  [
    'CC-BY-4.0',
    'Creative Commons Attribution 4.0 International Public License\nSection 1 - Definitions.\nSection 3 - License Conditions.',
  ],
  [
    'CC-BY-NC-4.0',
    'Creative Commons Attribution-NonCommercial 4.0 International Public License\nSection 1 - Definitions.',
  ],
  [
    'CC-BY-3.0',
    'Attribution 3.0 Unported\nTHE TERMS OF THIS CREATIVE COMMONS PUBLIC LICENSE\n1. Definitions\n3. License Grant.',
  ],
  ['BlueOak-1.0.0', '# Blue Oak Model License\nVersion 1.0.0\n***No contributor can revoke this license.***'],
  ['Python-2.0', 'PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\nBEOPEN.COM LICENSE\nBEOPEN PYTHON CNRI'],
  [
    'Zlib',
    'Permission is granted to anyone to use this software for any purpose, including commercial applications, and to alter it\n1. The origin of this software must not be misrepresented\n2. Altered source versions must be plainly marked as such\n3. This notice may not be removed or altered',
  ],
  ['WTFPL', 'DO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE\n0. You just DO WHAT THE FUCK YOU WANT TO.'],
  ['BUSL-1.1', 'Business Source License 1.1\nAdditional Use Grant: None\nChange Date: 2030-01-01'],
]

//! SNOMED CT: single concepts, by their published names.
//!
//! Few, and each one by itself: SNOMED CT's hierarchy may not be shipped with the program. A concept that stands below one
//! of these is not found by it. Identifiers are used as SNOMED International allows in member countries
//! (<https://www.snomed.org/licensing>); their check digits (Verhoeff) are tested.

use super::{ETHUD, GDIS, HIV, Label, MH, OPIOIDUD, SDV, SEX, STD, SUD};

pub(super) const CONCEPTS: &[(Label, &[&str])] = &[
    (
        ETHUD,
        &[
            "7200002",           // Alcoholism
            "15167005",          // Alcohol abuse
            "66590003",          // Alcohol dependence
            "228315001",         // Binge drinker
            "10939881000119105", // Unhealthy alcohol drinking behavior
            "25702006",          // Alcohol intoxication
            "8635005",           // Alcohol withdrawal delirium
            "85561006",          // Uncomplicated alcohol withdrawal
            "420054005",         // Alcoholic cirrhosis
            "24165007",          // Alcoholism counseling
            "413473000",         // Counseling about alcohol consumption
            "38670004",          // Patient referral for alcoholism rehabilitation
            "763302001",         // Assessment using AUDIT-C
        ],
    ),
    (
        OPIOIDUD,
        &[
            "5602001",         // Opioid abuse
            "75544000",        // Opioid dependence
            "231477003",       // Heroin dependence
            "145121000119106", // Intravenous nondependent opioid abuse
            "310653000",       // Drug addiction therapy using methadone
            "425741009",       // Product containing buprenorphine and naloxone
        ],
    ),
    (
        SUD,
        &[
            "26416006",        // Drug abuse
            "191816009",       // Drug dependence
            "6525002",         // Dependent drug abuse
            "66214007",        // Substance abuse
            "361055000",       // Misuses drugs
            "44870007",        // Misused drugs in past
            "228366006",       // Finding relating to drug misuse behavior
            "228390007",       // Frequency of drug misuse
            "31956009",        // Cocaine dependence
            "78267003",        // Cocaine abuse
            "37344009",        // Cannabis abuse
            "85005007",        // Cannabis dependence
            "84758004",        // Amphetamine abuse
            "21647008",        // Amphetamine dependence
            "55680006",        // Drug overdose
            "56876005",        // Drug rehabilitation and detoxification
            "60112009",        // Drug addiction counseling
            "266707007",       // Drug addiction therapy
            "713106006",       // Screening for drug abuse
            "428211000124100", // Assessment of substance use
            "868187001",       // Assessment using CRAFFT
            "281117004",       // HoNOS item 3, alcohol and drugs
            "788125002",       // Addiction service center
        ],
    ),
    (
        MH,
        &[
            "370143000",       // Major depressive disorder
            "36923009",        // Major depression, single episode
            "66344007",        // Recurrent major depression
            "251000119105",    // Severe major depression, single episode
            "87512008",        // Mild major depression
            "832007",          // Moderate major depression
            "450714000",       // Severe major depression
            "73867007",        // Severe major depression with psychotic features
            "40379007",        // Mild recurrent major depression
            "18818009",        // Moderate recurrent major depression
            "36474008",        // Severe recurrent major depression without psychotic features
            "28475009",        // Severe recurrent major depression with psychotic features
            "35489007",        // Depressive disorder
            "310495003",       // Mild depression
            "310496002",       // Moderate depression
            "310497006",       // Severe depression
            "78667006",        // Dysthymia
            "58703003",        // Postpartum depression
            "13746004",        // Bipolar disorder
            "58214004",        // Schizophrenia
            "68890003",        // Schizoaffective disorder
            "69322001",        // Psychotic disorder
            "197480006",       // Anxiety disorder
            "48694002",        // Anxiety
            "21897009",        // Generalized anxiety disorder
            "80583007",        // Severe anxiety (panic)
            "371631005",       // Panic disorder
            "25501002",        // Social phobia
            "70691001",        // Agoraphobia
            "47505003",        // Posttraumatic stress disorder
            "17226007",        // Adjustment disorder
            "191736004",       // Obsessive-compulsive disorder
            "1376001",         // Obsessive compulsive personality disorder
            "20010003",        // Borderline personality disorder
            "33449004",        // Personality disorder
            "31297008",        // Somatoform disorder
            "192127007",       // Child attention deficit disorder
            "406506008",       // Attention deficit hyperactivity disorder
            "408856003",       // Autistic disorder
            "35919005",        // Pervasive developmental disorder
            "72366004",        // Eating disorder
            "56882008",        // Anorexia nervosa
            "78004001",        // Bulimia nervosa
            "82313006",        // Suicide attempt
            "6471006",         // Suicidal thoughts
            "225444004",       // At risk for suicide
            "248062006",       // Self-injurious behavior
            "171207006",       // Depression screening
            "715252007",       // Depression screening using PHQ-9 score
            "720433000",       // PHQ-9 score
            "454711000124102", // Depression screening using PHQ-2 score
            "710841007",       // Assessment of anxiety
            "108313002",       // Family psychotherapy
            "75516001",        // Psychotherapy
            "228557008",       // Cognitive and behavioral therapy
            "444175001",       // Guided self-help cognitive behavioral therapy
            "394587001",       // Psychiatry
            "394913002",       // Psychotherapy (specialty)
            "408467006",       // Adult mental illness (specialty)
            "785126002",       // Methylphenidate 5 mg chewable tablet
            "273513009",       // HoNOS
            "281113000",       // HoNOS, summated
            "281115007",       // HoNOS item 1
            "281116008",       // HoNOS item 2
            "281118009",       // HoNOS item 4
            "281119001",       // HoNOS item 5
            "281121006",       // HoNOS item 7
            "281122004",       // HoNOS item 8
            "281123009",       // HoNOS item 9
            "281124003",       // HoNOS item 10
            "281125002",       // HoNOS item 11
            "281126001",       // HoNOS item 12
            "281120007",       // HoNOS item 6
        ],
    ),
    (
        HIV,
        &[
            "86406008",  // Human immunodeficiency virus infection
            "62479008",  // Acquired immune deficiency syndrome
            "91947003",  // Asymptomatic HIV infection
            "111880001", // Acute HIV infection
            "52079000",  // Congenital HIV infection
            "79019005",  // HIV type II infection
            "165816005", // HIV positive
            "278977008", // HIV status
            "31676001",  // HIV antibody test
            "171121004", // HIV screening
            "313077009", // HIV counseling
            "697904001", // Pulmonary arterial hypertension associated with HIV
            "420721002", // AIDS-associated disorder
        ],
    ),
    (
        STD,
        &[
            "8098009",   // Sexually transmitted infectious disease
            "15628003",  // Gonorrhea
            "76272004",  // Syphilis
            "240589008", // Chlamydia trachomatis infection
            "33839006",  // Genital herpes simplex
            "240542006", // Condyloma acuminatum
            "266113007", // Genital warts
            "310861008", // Chlamydia antigen test
            "165829005", // Gonorrhea infection test
            "171128005", // Referral for STI screening
        ],
    ),
    (
        SEX,
        &[
            "93461009",        // Gender dysphoria
            "407377005",       // Female-to-male transsexual
            "407376001",       // Male-to-female transsexual
            "33791000087105",  // Non-binary gender identity
            "38628009",        // Homosexual
            "42035005",        // Bisexual
            "449344001",       // Sex worker
            "65200003",        // Insertion of intrauterine contraceptive device
            "46706006",        // Replacement of intrauterine contraceptive device
            "68254000",        // Removal of intrauterine contraceptive device
            "169553002",       // Insertion of subcutaneous contraceptive
            "22633006",        // Vasectomy
            "57797005",        // Induced termination of pregnancy
            "714812005",       // Induced termination of pregnancy (procedure)
            "454381000124105", // Not sure of desire to become pregnant
            "2904007",         // Male infertility
            "6738008",         // Female infertility
            "860914002",       // Erectile dysfunction
        ],
    ),
    (
        SDV,
        &[
            "706893006", // Victim of intimate partner abuse
            "424393004", // Reports of violence in the environment
            "412732008", // History of domestic violence
            "90774003",  // Victim of physical assault
            "248110007", // Sexual assault
            "866148006", // Screening for domestic abuse
        ],
    ),
    (
        GDIS,
        &[
            "190905008", // Cystic fibrosis
            "127040003", // Sickle cell-hemoglobin SS disease
            "417357006", // Sickling disorder due to hemoglobin S
            "40108008",  // Thalassemia
            "58756001",  // Huntington's chorea
            "41040004",  // Complete trisomy 21 syndrome
            "38804009",  // Turner syndrome
            "22053006",  // Klinefelter syndrome
            "613003",    // Fragile X syndrome
            "7573000",   // Phenylketonuria
            "19346006",  // Marfan syndrome
            "92824003",  // Neurofibromatosis type 1
            "76670001",  // Duchenne muscular dystrophy
            "77956009",  // Myotonic dystrophy
            "315058005", // Lynch syndrome
            "412734009", // BRCA1 gene mutation positive
            "412738007", // BRCA2 gene mutation positive
        ],
    ),
];

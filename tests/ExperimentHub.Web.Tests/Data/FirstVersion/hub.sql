PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY,
    "Timestamp" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);
INSERT INTO __EFMigrationsHistory VALUES('20261125000156_Initial','10.0.15');
CREATE TABLE IF NOT EXISTS "AspNetRoles" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AspNetRoles" PRIMARY KEY,
    "Name" TEXT NULL,
    "NormalizedName" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL
);
INSERT INTO AspNetRoles VALUES('6f8a4557-1f3b-4bf9-b088-1804842f90e2','viewer','VIEWER','56665bc3-e0a4-4102-8bf3-868b3f2c0f14');
INSERT INTO AspNetRoles VALUES('e47b525c-c1e0-4b5b-8ce1-2bcb1d4562cc','member','MEMBER','7573967b-7010-49d3-96da-4e5ba0ab291f');
INSERT INTO AspNetRoles VALUES('213af1ca-4daf-4d72-a70c-0b1502614bc7','admin','ADMIN','f2e655d9-56e9-46a6-8e0e-93db1268b632');
CREATE TABLE IF NOT EXISTS "AspNetUsers" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AspNetUsers" PRIMARY KEY,
    "DisplayName" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "LastSeenAt" TEXT NULL,
    "IsDisabled" INTEGER NOT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "Email" TEXT NULL,
    "NormalizedEmail" TEXT NULL,
    "EmailConfirmed" INTEGER NOT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "PhoneNumber" TEXT NULL,
    "PhoneNumberConfirmed" INTEGER NOT NULL,
    "TwoFactorEnabled" INTEGER NOT NULL,
    "LockoutEnd" TEXT NULL,
    "LockoutEnabled" INTEGER NOT NULL,
    "AccessFailedCount" INTEGER NOT NULL
);
INSERT INTO AspNetUsers VALUES('327ecf25-c9ad-4801-9645-9da83f851381','admin','2026-11-25 23:01:38.7686163',NULL,0,'admin@example.org','ADMIN@EXAMPLE.ORG','admin@example.org','ADMIN@EXAMPLE.ORG',1,'AQAAAAIAAYagAAAAEAL0EvvZ3NMKkDuJerd/eF6B3nU+Avr+FqM2jyZ1U5fCt393bY3uqTO7UUt7vwThyw==','HSNWZYCIDTB2BQ5S7WWRKIIYXCY2TIQK','0797ed9d-0e02-4ea8-a19f-15e786150c5d',NULL,0,0,NULL,1,0);
CREATE TABLE IF NOT EXISTS "Invitations" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Invitations" PRIMARY KEY AUTOINCREMENT,
    "Kind" TEXT NOT NULL,
    "SecretHash" TEXT NOT NULL,
    "Email" TEXT NULL,
    "Role" TEXT NOT NULL,
    "UserId" TEXT NULL,
    "CreatedById" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NOT NULL,
    "UsedAt" TEXT NULL,
    "UsedBy" TEXT NULL
);
CREATE TABLE IF NOT EXISTS "Projects" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Projects" PRIMARY KEY AUTOINCREMENT,
    "Name" TEXT NOT NULL,
    "IsPrivate" INTEGER NOT NULL,
    "OwnerId" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "DeletedAt" TEXT NULL
);
INSERT INTO Projects VALUES(1,'Default',0,'327ecf25-c9ad-4801-9645-9da83f851381','2026-11-25 23:01:46.0704863',NULL);
CREATE TABLE IF NOT EXISTS "AspNetRoleClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetRoleClaims" PRIMARY KEY AUTOINCREMENT,
    "RoleId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetRoleClaims_AspNetRoles_RoleId" FOREIGN KEY ("RoleId") REFERENCES "AspNetRoles" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "ApiKeys" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_ApiKeys" PRIMARY KEY AUTOINCREMENT,
    "Name" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "KeyHash" TEXT NOT NULL,
    "Prefix" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NULL,
    "LastUsedAt" TEXT NULL,
    "RevokedAt" TEXT NULL,
    CONSTRAINT "FK_ApiKeys_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
INSERT INTO ApiKeys VALUES(1,'configuration','327ecf25-c9ad-4801-9645-9da83f851381','855dfc0f27bc07d12fd8a2159a7db85d97c0aa1e99f17abd0d6005dc16bc9d5d','test-ke','2026-11-25 23:01:46.9946571',NULL,'2026-11-25 23:01:56.0856408',NULL);
CREATE TABLE IF NOT EXISTS "AspNetUserClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetUserClaims" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetUserClaims_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "AspNetUserLogins" (
    "LoginProvider" TEXT NOT NULL,
    "ProviderKey" TEXT NOT NULL,
    "ProviderDisplayName" TEXT NULL,
    "UserId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserLogins" PRIMARY KEY ("LoginProvider", "ProviderKey"),
    CONSTRAINT "FK_AspNetUserLogins_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "AspNetUserRoles" (
    "UserId" TEXT NOT NULL,
    "RoleId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserRoles" PRIMARY KEY ("UserId", "RoleId"),
    CONSTRAINT "FK_AspNetUserRoles_AspNetRoles_RoleId" FOREIGN KEY ("RoleId") REFERENCES "AspNetRoles" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_AspNetUserRoles_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
INSERT INTO AspNetUserRoles VALUES('327ecf25-c9ad-4801-9645-9da83f851381','213af1ca-4daf-4d72-a70c-0b1502614bc7');
CREATE TABLE IF NOT EXISTS "AspNetUserTokens" (
    "UserId" TEXT NOT NULL,
    "LoginProvider" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" TEXT NULL,
    CONSTRAINT "PK_AspNetUserTokens" PRIMARY KEY ("UserId", "LoginProvider", "Name"),
    CONSTRAINT "FK_AspNetUserTokens_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "Datasets" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Datasets" PRIMARY KEY AUTOINCREMENT,
    "ProjectId" INTEGER NOT NULL,
    "OwnerId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "IsSample" INTEGER NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "DeletedAt" TEXT NULL,
    CONSTRAINT "FK_Datasets_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Datasets VALUES(1,1,'327ecf25-c9ad-4801-9645-9da83f851381','opinions',1,'2026-11-25 23:02:03.5797639',NULL);
CREATE TABLE IF NOT EXISTS "Jobs" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Jobs" PRIMARY KEY AUTOINCREMENT,
    "ProjectId" INTEGER NOT NULL,
    "OwnerId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Title" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "SettingsJson" TEXT NOT NULL,
    "FollowUpJson" TEXT NULL,
    "ResultJson" TEXT NULL,
    "ResultId" INTEGER NULL,
    "Error" TEXT NULL,
    "ErrorCode" TEXT NULL,
    "ErrorArguments" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "EndedAt" TEXT NULL,
    CONSTRAINT "FK_Jobs_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Jobs VALUES(1,1,'327ecf25-c9ad-4801-9645-9da83f851381','import_dataset','sentiment-zh.csv','Finished','{"file":"/srv/ExperimentHub/artifacts/bin/ExperimentHub.Web/release/Datasets/Samples/sentiment-zh.csv","file_name":"sentiment-zh.csv","name":"opinions"}','{"name":"opinions","is_sample":true}',replace('{\n  "hash": "e8c892f932319baeca46ed6ffb40fbff92722e7ba9e38ff09a46cbe1b2d37744",\n  "name": "opinions",\n  "file_name": "sentiment-zh.csv",\n  "source_hash": "9bb7c776ab3ad632d53419e6f1da759eb008ba687a8e588d5d0192cc80a4d807",\n  "source_bytes": 27858,\n  "rows": 400,\n  "problem_rows": 0,\n  "columns": [\n    {\n      "name": "text",\n      "type": "string",\n      "role": "text"\n    },\n    {\n      "name": "label",\n      "type": "string",\n      "role": "label"\n    },\n    {\n      "name": "language",\n      "type": "string",\n      "role": "other"\n    }\n  ],\n  "task": "sequence_classification",\n  "text_column": "text",\n  "label_column": "label",\n  "labels": [\n    "negative",\n    "positive"\n  ],\n  "label_counts": {\n    "negative": 200,\n    "positive": 200\n  },\n  "split_counts": {\n    "train": 320,\n    "validation": 40,\n    "test": 40\n  },\n  "split": {\n    "kind": "stratified",\n    "train": 0.8,\n    "validation": 0.1,\n    "test": 0.1,\n    "seed": 42\n  },\n  "lengths": {\n    "bounds": [\n      16,\n      32,\n      64,\n      128,\n      256,\n      512,\n      1024,\n      2048,\n      4096\n    ],\n    "counts": [\n      44,\n      356,\n      0,\n      0,\n      0,\n      0,\n      0,\n      0,\n      0,\n      0\n    ],\n    "mean": 18.9,\n    "longest": 27\n  },\n  "source": {\n    "format": "csv",\n    "encoding": "utf-8",\n    "delimiter": ",",\n    "quoted": true,\n    "header": true\n  },\n  "warnings": [],\n  "created": "2026-11-25T23:02:00.0146121+00:00"\n}','\n',char(10)),1,NULL,NULL,NULL,'2026-11-25 23:01:57.6054338','2026-11-25 23:02:05.1409479');
INSERT INTO Jobs VALUES(2,1,'327ecf25-c9ad-4801-9645-9da83f851381','create_model','tiny','Finished','{"name":"tiny","preset":"tiny","dataset":"e8c892f932319baeca46ed6ffb40fbff92722e7ba9e38ff09a46cbe1b2d37744","vocabulary_size":8000,"lowercase":true,"seed":42}','{"name":"tiny","source":"from_scratch"}',replace('{\n  "hash": "400d1c107a88e6858bbd4cd36d53a5395225013b7305eba66e01968b2a7c254b",\n  "name": "tiny",\n  "architecture": "bert",\n  "heads": [],\n  "hidden_size": 128,\n  "layers": 2,\n  "attention_heads": 2,\n  "intermediate_size": 512,\n  "max_length": 256,\n  "vocabulary_size": 1202,\n  "parameters": 600192,\n  "modules": {\n    "name": "model",\n    "parameters": 600192,\n    "children": [\n      {\n        "name": "bert",\n        "parameters": 600192,\n        "children": [\n          {\n            "name": "embeddings",\n            "parameters": 187136,\n            "children": [\n              {\n                "name": "word_embeddings",\n                "parameters": 153856,\n                "children": []\n              },\n              {\n                "name": "position_embeddings",\n                "parameters": 32768,\n                "children": []\n              },\n              {\n                "name": "token_type_embeddings",\n                "parameters": 256,\n                "children": []\n              },\n              {\n                "name": "LayerNorm",\n                "parameters": 256,\n                "children": []\n              }\n            ]\n          },\n          {\n            "name": "encoder",\n            "parameters": 396544,\n            "children": [\n              {\n                "name": "layer",\n                "parameters": 396544,\n                "children": [\n                  {\n                    "name": "0",\n                    "parameters": 198272,\n                    "children": [\n                      {\n                        "name": "attention",\n                        "parameters": 66304,\n                        "children": [\n                          {\n                            "name": "self",\n                            "parameters": 49536,\n                            "children": [\n                              {\n                                "name": "query",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "key",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "value",\n                                "parameters": 16512,\n                                "children": []\n                              }\n                            ]\n                          },\n                          {\n                            "name": "output",\n                            "parameters": 16768,\n                            "children": [\n                              {\n                                "name": "dense",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "LayerNorm",\n                                "parameters": 256,\n                                "children": []\n                              }\n                            ]\n                          }\n                        ]\n                      },\n                      {\n                        "name": "intermediate",\n                        "parameters": 66048,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 66048,\n                            "children": []\n                          }\n                        ]\n                      },\n                      {\n                        "name": "output",\n                        "parameters": 65920,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 65664,\n                            "children": []\n                          },\n                          {\n                            "name": "LayerNorm",\n                            "parameters": 256,\n                            "children": []\n                          }\n                        ]\n                      }\n                    ]\n                  },\n                  {\n                    "name": "1",\n                    "parameters": 198272,\n                    "children": [\n                      {\n                        "name": "attention",\n                        "parameters": 66304,\n                        "children": [\n                          {\n                            "name": "self",\n                            "parameters": 49536,\n                            "children": [\n                              {\n                                "name": "query",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "key",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "value",\n                                "parameters": 16512,\n                                "children": []\n                              }\n                            ]\n                          },\n                          {\n                            "name": "output",\n                            "parameters": 16768,\n                            "children": [\n                              {\n                                "name": "dense",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "LayerNorm",\n                                "parameters": 256,\n                                "children": []\n                              }\n                            ]\n                          }\n                        ]\n                      },\n                      {\n                        "name": "intermediate",\n                        "parameters": 66048,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 66048,\n                            "children": []\n                          }\n                        ]\n                      },\n                      {\n                        "name": "output",\n                        "parameters": 65920,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 65664,\n                            "children": []\n                          },\n                          {\n                            "name": "LayerNorm",\n                            "parameters": 256,\n                            "children": []\n                          }\n                        ]\n                      }\n                    ]\n                  }\n                ]\n              }\n            ]\n          },\n          {\n            "name": "pooler",\n            "parameters": 16512,\n            "children": [\n              {\n                "name": "dense",\n                "parameters": 16512,\n                "children": []\n              }\n            ]\n          }\n        ]\n      }\n    ]\n  },\n  "dtype": "F32",\n  "weight_bytes": 2400768,\n  "tokenizer": "vocab.txt",\n  "source": "from_scratch",\n  "created": "2026-11-25T23:02:14.2455943+00:00",\n  "warnings": []\n}','\n',char(10)),1,NULL,NULL,NULL,'2026-11-25 23:02:10.6370742','2026-11-25 23:02:16.4245024');
CREATE TABLE IF NOT EXISTS "Models" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Models" PRIMARY KEY AUTOINCREMENT,
    "ProjectId" INTEGER NOT NULL,
    "OwnerId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Hash" TEXT NOT NULL,
    "InfoJson" TEXT NOT NULL,
    "Parameters" INTEGER NOT NULL,
    "Source" TEXT NOT NULL,
    "RunId" INTEGER NULL,
    "BaseModelId" INTEGER NULL,
    "Licence" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "DeletedAt" TEXT NULL,
    CONSTRAINT "FK_Models_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Models VALUES(1,1,'327ecf25-c9ad-4801-9645-9da83f851381','tiny','400d1c107a88e6858bbd4cd36d53a5395225013b7305eba66e01968b2a7c254b',replace('{\n  "hash": "400d1c107a88e6858bbd4cd36d53a5395225013b7305eba66e01968b2a7c254b",\n  "name": "tiny",\n  "architecture": "bert",\n  "heads": [],\n  "hidden_size": 128,\n  "layers": 2,\n  "attention_heads": 2,\n  "intermediate_size": 512,\n  "max_length": 256,\n  "vocabulary_size": 1202,\n  "parameters": 600192,\n  "modules": {\n    "name": "model",\n    "parameters": 600192,\n    "children": [\n      {\n        "name": "bert",\n        "parameters": 600192,\n        "children": [\n          {\n            "name": "embeddings",\n            "parameters": 187136,\n            "children": [\n              {\n                "name": "word_embeddings",\n                "parameters": 153856,\n                "children": []\n              },\n              {\n                "name": "position_embeddings",\n                "parameters": 32768,\n                "children": []\n              },\n              {\n                "name": "token_type_embeddings",\n                "parameters": 256,\n                "children": []\n              },\n              {\n                "name": "LayerNorm",\n                "parameters": 256,\n                "children": []\n              }\n            ]\n          },\n          {\n            "name": "encoder",\n            "parameters": 396544,\n            "children": [\n              {\n                "name": "layer",\n                "parameters": 396544,\n                "children": [\n                  {\n                    "name": "0",\n                    "parameters": 198272,\n                    "children": [\n                      {\n                        "name": "attention",\n                        "parameters": 66304,\n                        "children": [\n                          {\n                            "name": "self",\n                            "parameters": 49536,\n                            "children": [\n                              {\n                                "name": "query",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "key",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "value",\n                                "parameters": 16512,\n                                "children": []\n                              }\n                            ]\n                          },\n                          {\n                            "name": "output",\n                            "parameters": 16768,\n                            "children": [\n                              {\n                                "name": "dense",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "LayerNorm",\n                                "parameters": 256,\n                                "children": []\n                              }\n                            ]\n                          }\n                        ]\n                      },\n                      {\n                        "name": "intermediate",\n                        "parameters": 66048,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 66048,\n                            "children": []\n                          }\n                        ]\n                      },\n                      {\n                        "name": "output",\n                        "parameters": 65920,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 65664,\n                            "children": []\n                          },\n                          {\n                            "name": "LayerNorm",\n                            "parameters": 256,\n                            "children": []\n                          }\n                        ]\n                      }\n                    ]\n                  },\n                  {\n                    "name": "1",\n                    "parameters": 198272,\n                    "children": [\n                      {\n                        "name": "attention",\n                        "parameters": 66304,\n                        "children": [\n                          {\n                            "name": "self",\n                            "parameters": 49536,\n                            "children": [\n                              {\n                                "name": "query",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "key",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "value",\n                                "parameters": 16512,\n                                "children": []\n                              }\n                            ]\n                          },\n                          {\n                            "name": "output",\n                            "parameters": 16768,\n                            "children": [\n                              {\n                                "name": "dense",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "LayerNorm",\n                                "parameters": 256,\n                                "children": []\n                              }\n                            ]\n                          }\n                        ]\n                      },\n                      {\n                        "name": "intermediate",\n                        "parameters": 66048,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 66048,\n                            "children": []\n                          }\n                        ]\n                      },\n                      {\n                        "name": "output",\n                        "parameters": 65920,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 65664,\n                            "children": []\n                          },\n                          {\n                            "name": "LayerNorm",\n                            "parameters": 256,\n                            "children": []\n                          }\n                        ]\n                      }\n                    ]\n                  }\n                ]\n              }\n            ]\n          },\n          {\n            "name": "pooler",\n            "parameters": 16512,\n            "children": [\n              {\n                "name": "dense",\n                "parameters": 16512,\n                "children": []\n              }\n            ]\n          }\n        ]\n      }\n    ]\n  },\n  "dtype": "F32",\n  "weight_bytes": 2400768,\n  "tokenizer": "vocab.txt",\n  "source": "from_scratch",\n  "created": "2026-11-25T23:02:14.2455943+00:00",\n  "warnings": []\n}','\n',char(10)),600192,'FromScratch',NULL,NULL,NULL,'2026-11-25 23:02:15.7072427',NULL);
INSERT INTO Models VALUES(2,1,'327ecf25-c9ad-4801-9645-9da83f851381','of the first version','0ab0f8a534277bb041fd86ca105ddb66fce84d7aaa81c4775b0d183d86ee9399',replace('{\n  "hash": "0ab0f8a534277bb041fd86ca105ddb66fce84d7aaa81c4775b0d183d86ee9399",\n  "name": "of the first version",\n  "architecture": "bert",\n  "heads": [\n    "sequence_classification"\n  ],\n  "labels": [\n    "negative",\n    "positive"\n  ],\n  "hidden_size": 128,\n  "layers": 2,\n  "attention_heads": 2,\n  "intermediate_size": 512,\n  "max_length": 256,\n  "vocabulary_size": 1202,\n  "parameters": 600450,\n  "modules": {\n    "name": "model",\n    "parameters": 600450,\n    "children": [\n      {\n        "name": "bert",\n        "parameters": 600192,\n        "children": [\n          {\n            "name": "embeddings",\n            "parameters": 187136,\n            "children": [\n              {\n                "name": "word_embeddings",\n                "parameters": 153856,\n                "children": []\n              },\n              {\n                "name": "position_embeddings",\n                "parameters": 32768,\n                "children": []\n              },\n              {\n                "name": "token_type_embeddings",\n                "parameters": 256,\n                "children": []\n              },\n              {\n                "name": "LayerNorm",\n                "parameters": 256,\n                "children": []\n              }\n            ]\n          },\n          {\n            "name": "encoder",\n            "parameters": 396544,\n            "children": [\n              {\n                "name": "layer",\n                "parameters": 396544,\n                "children": [\n                  {\n                    "name": "0",\n                    "parameters": 198272,\n                    "children": [\n                      {\n                        "name": "attention",\n                        "parameters": 66304,\n                        "children": [\n                          {\n                            "name": "self",\n                            "parameters": 49536,\n                            "children": [\n                              {\n                                "name": "query",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "key",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "value",\n                                "parameters": 16512,\n                                "children": []\n                              }\n                            ]\n                          },\n                          {\n                            "name": "output",\n                            "parameters": 16768,\n                            "children": [\n                              {\n                                "name": "dense",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "LayerNorm",\n                                "parameters": 256,\n                                "children": []\n                              }\n                            ]\n                          }\n                        ]\n                      },\n                      {\n                        "name": "intermediate",\n                        "parameters": 66048,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 66048,\n                            "children": []\n                          }\n                        ]\n                      },\n                      {\n                        "name": "output",\n                        "parameters": 65920,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 65664,\n                            "children": []\n                          },\n                          {\n                            "name": "LayerNorm",\n                            "parameters": 256,\n                            "children": []\n                          }\n                        ]\n                      }\n                    ]\n                  },\n                  {\n                    "name": "1",\n                    "parameters": 198272,\n                    "children": [\n                      {\n                        "name": "attention",\n                        "parameters": 66304,\n                        "children": [\n                          {\n                            "name": "self",\n                            "parameters": 49536,\n                            "children": [\n                              {\n                                "name": "query",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "key",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "value",\n                                "parameters": 16512,\n                                "children": []\n                              }\n                            ]\n                          },\n                          {\n                            "name": "output",\n                            "parameters": 16768,\n                            "children": [\n                              {\n                                "name": "dense",\n                                "parameters": 16512,\n                                "children": []\n                              },\n                              {\n                                "name": "LayerNorm",\n                                "parameters": 256,\n                                "children": []\n                              }\n                            ]\n                          }\n                        ]\n                      },\n                      {\n                        "name": "intermediate",\n                        "parameters": 66048,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 66048,\n                            "children": []\n                          }\n                        ]\n                      },\n                      {\n                        "name": "output",\n                        "parameters": 65920,\n                        "children": [\n                          {\n                            "name": "dense",\n                            "parameters": 65664,\n                            "children": []\n                          },\n                          {\n                            "name": "LayerNorm",\n                            "parameters": 256,\n                            "children": []\n                          }\n                        ]\n                      }\n                    ]\n                  }\n                ]\n              }\n            ]\n          },\n          {\n            "name": "pooler",\n            "parameters": 16512,\n            "children": [\n              {\n                "name": "dense",\n                "parameters": 16512,\n                "children": []\n              }\n            ]\n          }\n        ]\n      },\n      {\n        "name": "classifier",\n        "parameters": 258,\n        "children": []\n      }\n    ]\n  },\n  "dtype": "F32",\n  "weight_bytes": 2401800,\n  "tokenizer": "vocab.txt",\n  "source": "run",\n  "created": "2026-11-25T23:02:31.4599598+00:00",\n  "warnings": []\n}','\n',char(10)),600450,'Run',1,1,NULL,'2026-11-25 23:02:32.8363481',NULL);
CREATE TABLE IF NOT EXISTS "ProjectMembers" (
    "ProjectId" INTEGER NOT NULL,
    "UserId" TEXT NOT NULL,
    "CanWrite" INTEGER NOT NULL,
    CONSTRAINT "PK_ProjectMembers" PRIMARY KEY ("ProjectId", "UserId"),
    CONSTRAINT "FK_ProjectMembers_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_ProjectMembers_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "Runs" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Runs" PRIMARY KEY AUTOINCREMENT,
    "ProjectId" INTEGER NOT NULL,
    "OwnerId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "ConfigJson" TEXT NOT NULL,
    "DatasetVersionId" INTEGER NOT NULL,
    "ModelId" INTEGER NOT NULL,
    "ClonedFromId" INTEGER NULL,
    "QueueOrder" REAL NOT NULL,
    "Color" INTEGER NOT NULL,
    "Notes" TEXT NULL,
    "AttemptCount" INTEGER NOT NULL,
    "Error" TEXT NULL,
    "ErrorCode" TEXT NULL,
    "ErrorArguments" TEXT NULL,
    "ResultModelId" INTEGER NULL,
    "CreatedAt" TEXT NOT NULL,
    "QueuedAt" TEXT NULL,
    "StartedAt" TEXT NULL,
    "EndedAt" TEXT NULL,
    "DeletedAt" TEXT NULL,
    CONSTRAINT "FK_Runs_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Runs VALUES(1,1,'327ecf25-c9ad-4801-9645-9da83f851381','of the first version','Finished',replace('{\n  "name": "of the first version",\n  "task": "sequence_classification",\n  "model": "400d1c107a88e6858bbd4cd36d53a5395225013b7305eba66e01968b2a7c254b",\n  "dataset": "e8c892f932319baeca46ed6ffb40fbff92722e7ba9e38ff09a46cbe1b2d37744",\n  "epochs": 3,\n  "max_steps": 12,\n  "max_train_rows": 0,\n  "batch_size": 32,\n  "eval_batch_size": 64,\n  "gradient_accumulation_steps": 1,\n  "max_length": 128,\n  "learning_rate": 5E-05,\n  "lr_scheduler": "linear",\n  "warmup_ratio": 0.1,\n  "weight_decay": 0.01,\n  "adam_beta1": 0.9,\n  "adam_beta2": 0.999,\n  "adam_epsilon": 1E-08,\n  "max_grad_norm": 1,\n  "label_smoothing": 0,\n  "trainable": "all",\n  "last_layers": 2,\n  "precision": "fp32",\n  "group_by_length": true,\n  "seed": 7,\n  "eval_steps": 0,\n  "logging_steps": 2,\n  "save_steps": 0,\n  "keep_checkpoints": 2,\n  "metric_for_best": "f1",\n  "early_stopping_patience": 0\n}','\n',char(10)),1,1,NULL,1.0,0,NULL,1,NULL,NULL,NULL,2,'2026-11-25 23:02:19.5026246','2026-11-25 23:02:19.502714','2026-11-25 23:02:20.625','2026-11-25 23:02:32.9385673',NULL);
CREATE TABLE IF NOT EXISTS "DatasetVersions" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_DatasetVersions" PRIMARY KEY AUTOINCREMENT,
    "DatasetId" INTEGER NOT NULL,
    "Number" INTEGER NOT NULL,
    "Hash" TEXT NOT NULL,
    "InfoJson" TEXT NOT NULL,
    "Rows" INTEGER NOT NULL,
    "ProblemRows" INTEGER NOT NULL,
    "Task" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_DatasetVersions_Datasets_DatasetId" FOREIGN KEY ("DatasetId") REFERENCES "Datasets" ("Id") ON DELETE CASCADE
);
INSERT INTO DatasetVersions VALUES(1,1,1,'e8c892f932319baeca46ed6ffb40fbff92722e7ba9e38ff09a46cbe1b2d37744',replace('{\n  "hash": "e8c892f932319baeca46ed6ffb40fbff92722e7ba9e38ff09a46cbe1b2d37744",\n  "name": "opinions",\n  "file_name": "sentiment-zh.csv",\n  "source_hash": "9bb7c776ab3ad632d53419e6f1da759eb008ba687a8e588d5d0192cc80a4d807",\n  "source_bytes": 27858,\n  "rows": 400,\n  "problem_rows": 0,\n  "columns": [\n    {\n      "name": "text",\n      "type": "string",\n      "role": "text"\n    },\n    {\n      "name": "label",\n      "type": "string",\n      "role": "label"\n    },\n    {\n      "name": "language",\n      "type": "string",\n      "role": "other"\n    }\n  ],\n  "task": "sequence_classification",\n  "text_column": "text",\n  "label_column": "label",\n  "labels": [\n    "negative",\n    "positive"\n  ],\n  "label_counts": {\n    "negative": 200,\n    "positive": 200\n  },\n  "split_counts": {\n    "train": 320,\n    "validation": 40,\n    "test": 40\n  },\n  "split": {\n    "kind": "stratified",\n    "train": 0.8,\n    "validation": 0.1,\n    "test": 0.1,\n    "seed": 42\n  },\n  "lengths": {\n    "bounds": [\n      16,\n      32,\n      64,\n      128,\n      256,\n      512,\n      1024,\n      2048,\n      4096\n    ],\n    "counts": [\n      44,\n      356,\n      0,\n      0,\n      0,\n      0,\n      0,\n      0,\n      0,\n      0\n    ],\n    "mean": 18.9,\n    "longest": 27\n  },\n  "source": {\n    "format": "csv",\n    "encoding": "utf-8",\n    "delimiter": ",",\n    "quoted": true,\n    "header": true\n  },\n  "warnings": [],\n  "created": "2026-11-25T23:02:00.0146121+00:00"\n}','\n',char(10)),400,0,'sequence_classification','2026-11-25 23:02:03.9577228');
CREATE TABLE IF NOT EXISTS "Attempts" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Attempts" PRIMARY KEY AUTOINCREMENT,
    "RunId" INTEGER NULL,
    "JobId" INTEGER NULL,
    "Number" INTEGER NOT NULL,
    "Folder" TEXT NOT NULL,
    "Token" TEXT NOT NULL,
    "Pid" INTEGER NULL,
    "ProcessStart" INTEGER NULL,
    "StartedAt" TEXT NOT NULL,
    "EndedAt" TEXT NULL,
    "LastCommand" INTEGER NOT NULL,
    "CancelAskedAt" TEXT NULL,
    CONSTRAINT "FK_Attempts_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id"),
    CONSTRAINT "FK_Attempts_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("Id")
);
INSERT INTO Attempts VALUES(1,NULL,1,1,'jobs/1/attempts/1','17ba4cde8abc0be5e764758e742d62dd',454,376952,'2026-11-25 23:01:58.101485','2026-11-25 23:02:05.1906591',0,NULL);
INSERT INTO Attempts VALUES(2,NULL,2,1,'jobs/2/attempts/1','d4aae25a417482e9d6f7b95ccf8edc8c',526,378186,'2026-11-25 23:02:11.0341261','2026-11-25 23:02:16.5601414',0,NULL);
INSERT INTO Attempts VALUES(3,1,NULL,1,'runs/1/attempts/1','49027f0f60d7140d16eb1d346e9cba67',605,379203,'2026-11-25 23:02:20.6260362','2026-11-25 23:02:33.5319971',0,NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('Projects',1);
INSERT INTO sqlite_sequence VALUES('ApiKeys',1);
INSERT INTO sqlite_sequence VALUES('Jobs',2);
INSERT INTO sqlite_sequence VALUES('Attempts',3);
INSERT INTO sqlite_sequence VALUES('Datasets',1);
INSERT INTO sqlite_sequence VALUES('DatasetVersions',1);
INSERT INTO sqlite_sequence VALUES('Models',2);
INSERT INTO sqlite_sequence VALUES('Runs',1);
CREATE UNIQUE INDEX "IX_ApiKeys_KeyHash" ON "ApiKeys" ("KeyHash");
CREATE INDEX "IX_ApiKeys_UserId" ON "ApiKeys" ("UserId");
CREATE INDEX "IX_AspNetRoleClaims_RoleId" ON "AspNetRoleClaims" ("RoleId");
CREATE UNIQUE INDEX "RoleNameIndex" ON "AspNetRoles" ("NormalizedName");
CREATE INDEX "IX_AspNetUserClaims_UserId" ON "AspNetUserClaims" ("UserId");
CREATE INDEX "IX_AspNetUserLogins_UserId" ON "AspNetUserLogins" ("UserId");
CREATE INDEX "IX_AspNetUserRoles_RoleId" ON "AspNetUserRoles" ("RoleId");
CREATE INDEX "EmailIndex" ON "AspNetUsers" ("NormalizedEmail");
CREATE UNIQUE INDEX "UserNameIndex" ON "AspNetUsers" ("NormalizedUserName");
CREATE INDEX "IX_Attempts_EndedAt" ON "Attempts" ("EndedAt");
CREATE INDEX "IX_Attempts_JobId" ON "Attempts" ("JobId");
CREATE UNIQUE INDEX "IX_Attempts_RunId_Number" ON "Attempts" ("RunId", "Number");
CREATE INDEX "IX_Datasets_ProjectId" ON "Datasets" ("ProjectId");
CREATE UNIQUE INDEX "IX_DatasetVersions_DatasetId_Number" ON "DatasetVersions" ("DatasetId", "Number");
CREATE INDEX "IX_DatasetVersions_Hash" ON "DatasetVersions" ("Hash");
CREATE UNIQUE INDEX "IX_Invitations_SecretHash" ON "Invitations" ("SecretHash");
CREATE INDEX "IX_Jobs_ProjectId" ON "Jobs" ("ProjectId");
CREATE INDEX "IX_Jobs_Status" ON "Jobs" ("Status");
CREATE INDEX "IX_Models_Hash" ON "Models" ("Hash");
CREATE INDEX "IX_Models_ProjectId" ON "Models" ("ProjectId");
CREATE INDEX "IX_Models_RunId" ON "Models" ("RunId");
CREATE INDEX "IX_ProjectMembers_UserId" ON "ProjectMembers" ("UserId");
CREATE UNIQUE INDEX "IX_Projects_Name" ON "Projects" ("Name") WHERE DeletedAt IS NULL;
CREATE INDEX "IX_Runs_ProjectId" ON "Runs" ("ProjectId");
CREATE INDEX "IX_Runs_Status_QueueOrder" ON "Runs" ("Status", "QueueOrder");
COMMIT;
